import { processors } from '../../functions/index.ts'
import type { Counts, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { LambdaUnderTest, T, type Written } from '../lambda/harness.ts'
import { AT, eventRecord, type HostileCase, type Outcome, tx } from './case.ts'

/** The two stages that the corpus goes through, and what they make of {@link good}. */
export const stages = {
  cardSpend: { id: 'card-spend', output: 'card-spend' },
  largeTransactions: { id: 'large-transactions', output: 'large-transactions' },
} as const
export type StageName = keyof typeof stages

const PLACE = 12

const good = (offset: number, cardId: string, amount: number, afterMs: number): KafkaEventRecord =>
  eventRecord(offset, {
    key: cardId,
    value: JSON.stringify(tx({ id: 'good', cardId, amount, at: T + afterMs })),
    timestamp: AT + afterMs,
  })

const before = [good(10, 'good-1', 1_500, 1_000), good(11, 'good-2', 30, 2_000)]
const after = [good(13, 'good-1', 70, 20_000), good(14, 'good-3', 9_000, 21_000)]
const fates = ['counted', 'filtered', 'late'] as const

export const eventOf = (...records: readonly KafkaEventRecord[]): object => ({
  eventSource: 'aws:kafka',
  records: { 'transactions-5': records },
})

/** What the hostile record came to, between good ones, and what all came to. */
export interface Observed {
  readonly outcome: Outcome | 'lost'
  readonly counts: Counts
  readonly parked: readonly ParkedRecord[]
  /** What the good records put out. */
  readonly good: readonly string[]
  /** What else was put out. */
  readonly other: readonly Written[]
  /** Everything that was said of it: logs and errors. */
  readonly said: string
}

/** Sends the case through the stage between good records, starts anew, sends it again and closes all windows. */
export async function observe(stage: StageName, hostile: HostileCase | undefined): Promise<Observed> {
  const { id, output } = stages[stage]
  const lambda = await LambdaUnderTest.of(processors, id)
  const record = hostile === undefined ? [] : [eventRecord(PLACE, hostile.record)]
  const event = eventOf(...before, ...record, ...after)
  const { partitions } = await lambda.invoke(event)
  lambda.restart()
  await lambda.invoke(event)
  await lambda.invoke({ millrace: 'close-windows' })
  const results = await lambda.results(output)
  const isGood = ({ key }: Written) => key?.startsWith('good-') === true
  const { counts } = partitions[0]!
  return {
    outcome: outcomeOf(stage, counts, await lambda.parked()),
    counts,
    parked: await lambda.parked(),
    good: results
      .filter(isGood)
      .map(({ identity: _, ...rest }) => JSON.stringify(rest))
      .sort(),
    other: results.filter((each) => !isGood(each)),
    said: JSON.stringify(lambda.logged),
  }
}

function outcomeOf(stage: StageName, counts: Counts, parked: readonly ParkedRecord[]): Outcome | 'lost' {
  if (parked.length > 0) return parked[0]!.reason as Outcome
  const ofGood = stage === 'cardSpend' ? { counted: 4, filtered: 0, late: 0 } : { counted: 2, filtered: 2, late: 0 }
  return fates.find((fate) => counts[fate] > ofGood[fate]) ?? 'lost'
}

/** How long the record alone takes, in ms: the best of some attempts, since other work shares the machine. */
export async function millisecondsOf(stage: StageName, hostile: HostileCase, limitMs: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 5 && best >= limitMs; attempt++) {
    const lambda = await LambdaUnderTest.of(processors, stages[stage].id)
    const event = eventOf(eventRecord(PLACE, hostile.record))
    const startedAt = performance.now()
    await lambda.invoke(event)
    best = Math.min(best, performance.now() - startedAt)
  }
  return best
}
