import * as z from 'zod'
import { transactions } from '../../functions/topics.ts'
import { minutes, type Processor, plan, processor, type Stage, seconds, topic } from '../../shared/processor/index.ts'

const found = topic('bench-found', { schema: z.custom<{ rule: string; cardId: string; ids: string[] }>() })

interface Found {
  readonly key: string
  all(): readonly { readonly value: { readonly id: string } }[]
}
const named = (rule: string) => (match: Found) => ({
  rule,
  cardId: match.key,
  ids: match.all().map(({ value }) => value.id),
})

/** Eight rules of a fraud team on one stream, as one processor. */
const eightRules = processor('bench-eight-rules')
  .from(transactions)
  .keyBy()
  .detectAll((rules) =>
    rules
      .order('event-time', { grace: seconds(10) })
      .rule(
        'small-then-large',
        (p) =>
          p
            .begin('small', (tx) => tx.amount < 100)
            .atLeast(3)
            .followedBy('large', (tx) => tx.amount > 1_000)
            .within(minutes(5))
            .skip('past-last-event'),
        named('small-then-large'),
      )
      .rule(
        'three-large',
        (p) =>
          p
            .begin('large3', (tx) => tx.amount > 1_000)
            .times(3)
            .within(minutes(5))
            .skip('past-last-event'),
        named('three-large'),
      )
      .rule(
        'tiny-burst',
        (p) =>
          p
            .begin('tiny', (tx) => tx.amount < 2)
            .times(4)
            .within(minutes(1))
            .skip('past-last-event'),
        named('tiny-burst'),
      )
      .rule(
        'round-amounts',
        (p) =>
          p
            .begin('round', (tx) => tx.amount > 500 && tx.amount % 100 === 0)
            .times(2)
            .within(minutes(5))
            .skip('to-next'),
        named('round-amounts'),
      )
      .rule(
        'abroad-then-large',
        (p) =>
          p
            .begin('abroad', (tx) => tx.country !== 'DE' && tx.amount > 900)
            .followedBy('large', (tx) => tx.amount > 2_000)
            .within(minutes(2)),
        named('abroad-then-large'),
      )
      .rule(
        'large-then-silence',
        (p) =>
          p
            .begin('large', (tx) => tx.amount > 2_500)
            .notFollowedBy('any', (tx) => tx.amount > 0)
            .within(minutes(3)),
        named('large-then-silence'),
      )
      .rule(
        'doubling',
        (p) =>
          p
            .begin('first', (tx) => tx.amount > 1_000)
            .followedBy('second', (tx) => tx.amount > 2_000)
            .followedBy('third', (tx) => tx.amount > 3_000)
            .within(minutes(5)),
        named('doubling'),
      )
      .rule(
        'large-tiny-large',
        (p) =>
          p
            .begin('large', (tx) => tx.amount > 1_500)
            .followedBy('tiny', (tx) => tx.amount < 5)
            .withinPrevious(minutes(1))
            .followedBy('again', (tx) => tx.amount > 1_500)
            .within(minutes(5)),
        named('large-tiny-large'),
      ),
  )
  .to(found)

/** What multiplies partial matches most: each event of a card may be in each match, or not. */
const worstCase = processor('bench-worst-case')
  .from(transactions)
  .keyBy()
  .detect(
    (p) =>
      p
        .order('arrival')
        .begin('any', (tx) => tx.amount > 0)
        .followedByAny('loop', (tx) => tx.amount > 0)
        .oneOrMore()
        .allowCombinations()
        .followedBy('never', (tx) => tx.amount < 0)
        .within(minutes(5)),
    named('worst-case'),
  )
  .to(found)

const stageOf = (of: Processor): Stage => plan([of]).stages[0]!

export const eightRulesStage = stageOf(eightRules)
export const worstCaseStage = stageOf(worstCase)
