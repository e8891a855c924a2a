import { z } from 'zod'
import { ms, processor, topic } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord, Topology } from '../../../local/simulation/topology.ts'
import { differences } from '../../../local/simulation/verdicts.ts'
import { plan } from '../../../shared/processor/index.ts'
import { foldAlerts, GRACE_MS, type Payment, WITHIN_MS } from './patterns-reference.ts'
import { eventTimes, hastyTimes, idOf, punctualTimes, recordOf } from './records.ts'

const payment = z.object({ id: z.string(), card: z.string(), amount: z.number(), at: z.number() })
const alertSchema = z.object({ card: z.string(), ids: z.array(z.string()) })
const lateSchema = z.object({ value: payment })

/** Two small payments or more, then a large one, in event time: records wait for their order, and what comes late is late. */
export const patterns: Topology = {
  name: 'patterns',
  scene(dice) {
    const partitions = dice.between(2, 3)
    const payments = topic('payments', { schema: payment, key: (p) => p.card, time: (p) => p.at, partitions })
    const alerts = topic('alerts', { schema: alertSchema, key: (a) => a.card, partitions: 2 })
    const lateTopic = topic('late', { schema: lateSchema, partitions: 1 })
    const detect = processor('detect')
      .from(payments)
      .keyBy()
      .detect(
        (p) =>
          p
            .order('event-time', { grace: ms(GRACE_MS) })
            .begin('small', ({ amount }) => amount < 6)
            .atLeast(2)
            .followedBy('large', ({ amount }) => amount > 9)
            .within(ms(WITHIN_MS))
            .skip('past-last-event'),
        (match) => ({ card: match.key, ids: match.all().map(({ value }) => value.id) }),
      )
      .to(alerts)
      .late(lateTopic, { map: ({ value }) => ({ value }) })
    const made = adjusted(plan([detect]), dice.chance(0.5) ? punctualTimes : hastyTimes(dice))
    const input = Array.from({ length: partitions }, (_, partition) => records(dice, partition))
    return {
      plan: made,
      input: { payments: input },
      judge(outcome) {
        const stage = made.stages[0]!
        const parked = outcome.parked()
        const expected = input.map((list, partition) => {
          const killed = parked.filter((each) => each.partition === partition && each.reason === 'KILLED_FUNCTION')
          return foldAlerts(list, {
            moments: outcome.moments(stage, partition),
            skipped: outcome.skipped(stage, partition),
            killed: new Set(killed.map(({ offset }) => offset)),
          })
        })
        const idOfLate = (value: string) => (JSON.parse(value) as { value: Payment }).value.id
        return [
          ...differences('alerts', texts(outcome.topic('alerts')), expected.flatMap(({ alerts }) => alerts).toSorted()),
          ...differences(
            'late',
            texts(outcome.topic('late')).map(idOfLate).toSorted(),
            expected.flatMap(({ late }) => late).toSorted(),
          ),
          ...differences(
            'parked',
            parked.map(({ partition, offset }) => `${partition}-${offset}`).toSorted(),
            expected.flatMap((each, partition) => each.parked.map((offset) => `${partition}-${offset}`)).toSorted(),
          ),
        ]
      },
    }
  },
}

const texts = (records: readonly { value: string | null }[]): string[] => records.map(({ value }) => value!).toSorted()

function records(dice: Dice, partition: number): InputRecord[] {
  const next = eventTimes(dice)
  return Array.from({ length: dice.between(6, 22) }, (_, n) => {
    const card = `${dice.pick(['a', 'b'])}${partition}`
    return recordOf(dice, card, {
      id: idOf(dice, partition, n),
      card,
      amount: dice.between(1, 12),
      at: next(),
    } satisfies Payment)
  })
}
