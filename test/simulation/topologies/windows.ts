import { z } from 'zod'
import { collect, count, custom, ms, processor, sum, type Topic, topic, tumbling } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord, Outcome, Topology } from '../../../local/simulation/topology.ts'
import { differences } from '../../../local/simulation/verdicts.ts'
import { plan, type Stage } from '../../../shared/processor/index.ts'
import { eventTimes, hastyTimes, idOf, punctualTimes, recordOf } from './records.ts'
import {
  type Fates,
  foldSpending,
  GRACE_MS,
  POISON,
  type Spend,
  type Transaction,
  WINDOW_MS,
} from './windows-reference.ts'

const FAT = 60_000
const REAL_LIMITS = { commitBytesMax: 380 * 1024, bucketBytesMax: 300 * 1024 }

const transaction = z.object({ id: z.string(), card: z.string(), amount: z.number(), at: z.number() })
const spendSchema = z.object({
  key: z.string(),
  window: z.object({ start: z.number(), end: z.number() }),
  count: z.number(),
  total: z.number(),
  ids: z.object({ values: z.array(z.string()).readonly(), more: z.number() }),
  dates: z.number(),
})
const lateSchema = z.object({ value: transaction })

export const transactionsTopic = (partitions: number) =>
  topic('transactions', { schema: transaction, key: (tx) => tx.card, time: (tx) => tx.at, partitions })
export const spendTopic = () => topic('spend', { schema: spendSchema, key: (s) => s.key.slice(0, 1), partitions: 2 })
export const lateTopic = () => topic('late', { schema: lateSchema, partitions: 1 })

function amountOf({ amount }: { amount: number }): number {
  if (amount === POISON) throw new RangeError('poison')
  return amount
}

/** How often the state held a date; state is JSON, where there are none, so only a new one has any. */
const dates = custom('dates', {
  initialize: (): { at: Date | string; seen: number } => ({ at: new Date(0), seen: 0 }),
  add: ({ at, seen }) => ({ at: new Date(0), seen: seen + (at instanceof Date ? 1 : 0) }),
  merge: (a, b) => ({ at: a.at, seen: a.seen + b.seen }),
  result: ({ seen }) => Math.min(seen, 2),
})

/** Spend per card in windows. */
export const spendProcessor = (
  generation: number,
  source: ReturnType<typeof transactionsTopic>,
  target: ReturnType<typeof spendTopic>,
  late: ReturnType<typeof lateTopic>,
) =>
  processor('spend', { generation })
    .from(source)
    .keyBy()
    .window(tumbling(ms(WINDOW_MS)).grace(ms(GRACE_MS)))
    .aggregate({ count: count(), total: sum(amountOf), ids: collect(50, (tx) => tx.id), dates })
    .to(target)
    .late(late as Topic<z.infer<typeof lateSchema>>, { map: ({ value }) => ({ value }) })

/** One stage with windows, late records and code that throws; some seeds have keys that grow too big for their item. */
export const windows: Topology = {
  name: 'windows',
  scene(dice) {
    const partitions = dice.between(2, 3)
    const isFat = dice.chance(0.03)
    const input = Array.from({ length: partitions }, (_, partition) => transactions(dice, partition, isFat))
    const made = plan([spendProcessor(1, transactionsTopic(partitions), spendTopic(), lateTopic())])
    const adjustedPlan = adjusted(made, dice.chance(0.5) ? punctualTimes : hastyTimes(dice))
    return {
      plan: adjustedPlan,
      input: { transactions: input },
      ...(isFat && { journal: REAL_LIMITS }),
      forgets: () => true,
      judge: (outcome) => spendProblems(outcome, adjustedPlan.stages[0]!, input),
    }
  },
}

/** What is wrong with the outputs of one generation. */
export function spendProblems(outcome: Outcome, stage: Stage, input: readonly (readonly InputRecord[])[]): string[] {
  const mine = (name: string) =>
    outcome.topic(name).filter(({ headers }) => headers.mr!.startsWith(`spend.${stage.generation}.`))
  const parked = outcome
    .parked()
    .filter(({ processor, generation }) => processor === 'spend' && generation === stage.generation)
  const written = mine('spend').map(({ value }) => JSON.parse(value!) as Spend & { dates: number })
  const outAt = new Map(mine('spend').map(({ headers }, n) => [nameOf(written[n]!), seqOf(headers.mr!)]))
  const outputs = written.map(({ dates: _, ...spend }) => spend)
  const late = mine('late').map(({ value }) => (JSON.parse(value!) as { value: { id: string } }).value.id)
  const fates = input.map((records, partition) => {
    const killed = parked.filter((each) => each.partition === partition && each.reason === 'KILLED_FUNCTION')
    const moments = outcome.moments(stage, partition)
    return foldSpending(records, {
      moments,
      forgotten: moments.map(({ offset, seq, forgotten }) => ({
        offset,
        keys: forgotten,
        isOut: (name) => (outAt.get(name) ?? Number.POSITIVE_INFINITY) < seq,
      })),
      skipped: outcome.skipped(stage, partition),
      killed: new Set(killed.map(({ offset }) => offset)),
    })
  })
  return [
    ...(written.some(({ dates }) => dates > 1) ? ['a state is not what its text says'] : []),
    ...differences('late', late.toSorted(), fates.flatMap((each) => each.late).toSorted()),
    ...differences(
      'parked',
      parked.map(({ partition, offset }) => `${partition}-${offset}`).toSorted(),
      fates.flatMap((each, partition) => each.parked.map((offset) => `${partition}-${offset}`)).toSorted(),
    ),
    ...differences('spend', byWindow(outputs), Object.assign({}, ...fates.map((each: Fates) => each.windows))),
  ]
}

const nameOf = ({ key, window }: Pick<Spend, 'key' | 'window'>): string => `${key}@${window.start}`
/** Of the commit that an output belongs to. */
const seqOf = (mr: string): number => Number(mr.split(';')[1]!.split('.')[0])

function byWindow(outputs: readonly Spend[]): Record<string, Spend | string> {
  const found: Record<string, Spend | string> = {}
  for (const spend of outputs) {
    const name = nameOf(spend)
    found[name] = name in found ? 'put out twice' : spend
  }
  return found
}

export function transactions(dice: Dice, partition: number, isFat = false): InputRecord[] {
  const next = eventTimes(dice)
  return Array.from({ length: dice.between(6, 22) }, (_, n) => {
    const at = next()
    const fat = isFat && dice.chance(0.5)
    const card = fat ? `f${partition}` : `${dice.pick(['a', 'b', 'c'])}${partition}${dice.between(0, 3)}`
    const amount = dice.chance(0.04) ? POISON : dice.between(1, 12)
    const id = `${idOf(dice, partition, n)}${fat ? 'x'.repeat(FAT) : ''}`
    return recordOf(dice, card, { id, card, amount, at } satisfies Transaction)
  })
}
