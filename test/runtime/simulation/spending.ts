import { z } from 'zod'
import { collect, count, ms, processor, seconds, sum, table, topic, tumbling } from '#millrace'
import { parkedIn } from './parked.ts'
import type { Scheduler } from './scheduler.ts'
import { fatesOfOutputs, type Spend, type SpendFates, sequentialSpending } from './spending-reference.ts'
import { hastyOptions, type InputRecord, idOf, punctualOptions, type Topology } from './topology.ts'
import { differences, latestOf } from './verdicts.ts'

export const WINDOW_MS = 20_000
export const GRACE_MS = 5_000
export const START_MS = 1_760_000_000_000
/** An amount on which the processor's own code throws. */
export const POISON = 13

const transaction = z.object({ id: z.string(), card: z.string(), amount: z.number(), at: z.number() })
const spendSchema = z.object({
  key: z.string(),
  window: z.object({ start: z.number(), end: z.number() }),
  count: z.number(),
  total: z.number(),
  ids: z.object({ values: z.array(z.string()).readonly(), more: z.number() }),
})
const lateSchema = z.object({ value: transaction })

function amountOf({ amount }: { amount: number }): number {
  if (amount === POISON) throw new RangeError('poison')
  return amount
}

const isLarge = ({ total }: { total: number }): boolean => total > 6

/**
 * Spend per card in windows, on a topic; two processors count its records: by its own key, and behind a filter re-keyed, so
 * that identities go through three stages.
 * `punctual`: time never moves by silence, so that results are those of the records alone.
 */
export function spending(scheduler: Scheduler, punctual: boolean): Topology {
  const partitions = scheduler.between(2, 3)
  const options = punctual ? punctualOptions : hastyOptions(scheduler)
  const transactions = topic('transactions', {
    schema: transaction,
    key: (tx) => tx.card,
    time: (tx) => tx.at,
    partitions,
  })
  const spend = topic('spend', { schema: spendSchema, key: (s) => s.key.slice(0, 1), partitions: 2 })
  const lateTopic = topic('late', { schema: lateSchema, partitions: 1 })
  const large = topic('large', { schema: spendSchema, partitions: 2 })
  const tally = table('tally')
  const regrouped = table('regrouped')
  const processors = [
    processor('spend', options)
      .from(transactions)
      .keyBy()
      .window(tumbling(ms(WINDOW_MS)).grace(ms(GRACE_MS)))
      .aggregate({ count: count(), total: sum(amountOf), ids: collect(50, (tx) => tx.id) })
      .to(spend)
      .late(lateTopic, { map: ({ value }) => ({ value }) }),
    processor('tally', options)
      .from(spend)
      .keyBy()
      .aggregate({ outputs: count(), records: sum((s) => s.count) })
      .emit('updates', { every: ms(1) })
      .to(tally),
    processor('large', options).from(spend).filter(isLarge).to(large),
    processor('regroup', options)
      .from(large)
      .keyBy((s) => ['third', (s.window.start / WINDOW_MS) % 3])
      .aggregate({ outputs: count(), records: sum((s) => s.count) })
      .emit('updates', { every: seconds(1) })
      .to(regrouped),
  ]
  const input = Array.from({ length: partitions }, (_, partition) => records(scheduler, partition))
  return {
    name: `spending${punctual ? ', punctual' : ''}`,
    processors,
    source: 'transactions',
    input,
    judge(outcome) {
      const outputs = outcome.topic('spend').map(({ value }) => JSON.parse(value!) as Spend)
      const late = outcome.topic('late').map(({ value }) => (JSON.parse(value!) as { value: { id: string } }).value.id)
      const parked = parkedIn(outcome)
      const fates = fatesOfOutputs(outputs, late, parked)
      const problems = conservation(input, fates)
      if (punctual) problems.push(...differences('spend', fates.outputs, sequentialSpending(input).outputs))
      if (punctual) problems.push(...differences('late', late.toSorted(), sequentialSpending(input).late))
      const takenBy = (name: string) => {
        const killed = parked.filter(({ processor }) => processor === name).map(({ text }) => text)
        return outputs.filter((spend) => !killed.includes(JSON.stringify(spend)))
      }
      const byLetter = tallyBy(takenBy('tally'), ({ key }) => key.slice(0, 1))
      problems.push(...differences('tally', outcome.table('tally'), byLetter))
      const byThird = tallyBy(takenBy('regroup').filter(isLarge), thirdOf)
      problems.push(...differences('regrouped', outcome.table('regrouped'), byThird))
      return problems
    },
  }
}

const thirdOf = ({ window }: Spend): string => `["third",${(window.start / WINDOW_MS) % 3}]`

/** Every record of the source has exactly one fate. */
function conservation(input: Topology['input'], fates: SpendFates): string[] {
  const expected = input.flatMap((records, partition) => records.map((_, offset) => `${partition}-${offset}`))
  return differences('fates of records', fates.all.toSorted(), expected.toSorted())
}

function tallyBy(outputs: readonly Spend[], keyOf: (spend: Spend) => string): Record<string, unknown> {
  return latestOf(
    outputs,
    (spend) => `${keyOf(spend)}|-`,
    (held: { outputs: number; records: number } | undefined, spend) => ({
      outputs: (held?.outputs ?? 0) + 1,
      records: (held?.records ?? 0) + spend.count,
    }),
  )
}

function records(scheduler: Scheduler, partition: number): InputRecord[] {
  let now = START_MS
  return Array.from({ length: scheduler.between(6, 22) }, (_, n) => {
    now += scheduler.between(0, 4_000)
    const at = scheduler.chance(0.25) ? Math.max(START_MS, now - scheduler.between(0, 40_000)) : now
    const card = `${scheduler.pick(['a', 'b', 'c'])}${partition}${scheduler.between(0, 3)}`
    const amount = scheduler.chance(0.04) ? POISON : scheduler.between(1, 12)
    const value = JSON.stringify({ id: idOf(scheduler, partition, n), card, amount, at })
    return { key: card, value: scheduler.chance(0.04) ? value.slice(1) : value, timestampMs: at }
  })
}
