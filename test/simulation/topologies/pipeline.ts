import { type z, z as zod } from 'zod'
import { count, ms, type Processor, processor, seconds, sum, table, topic } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Outcome, Topology } from '../../../local/simulation/topology.ts'
import { differences, latestOf } from '../../../local/simulation/verdicts.ts'
import { plan } from '../../../shared/processor/index.ts'
import { hastyTimes, punctualTimes } from './records.ts'
import { lateTopic, spendProblems, spendProcessor, spendTopic, transactions, transactionsTopic } from './windows.ts'
import { type Spend, WINDOW_MS } from './windows-reference.ts'

const largeSchema = zod.object({ key: zod.string(), count: zod.number(), total: zod.number(), start: zod.number() })
type Large = z.infer<typeof largeSchema>

const isLarge = ({ total }: { total: number }): boolean => total > 6
const thirdOf = ({ start }: Large): string => `["third",${(start / WINDOW_MS) % 3}]`

/**
 * Spend per card in windows, in one generation or two; two processors read its records: one counts them by their own key
 * into a table, one lets the large ones through to a topic whose records are re-keyed and counted into another table. So
 * identities go through four stages.
 */
export const pipeline: Topology = {
  name: 'pipeline',
  scene(dice) {
    const partitions = dice.between(2, 3)
    const [source, spend, late] = [transactionsTopic(partitions), spendTopic(), lateTopic()]
    const generations = dice.chance(0.3) ? [1, 2] : [1]
    const pinned = dice.pick(generations)
    const pin = generations.length > 1 ? { generation: pinned } : {}
    const processors: Processor[] = [
      ...generations.map((generation) => spendProcessor(generation, source, spend, late)),
      processor('tally')
        .from(spend, pin)
        .keyBy()
        .aggregate({ outputs: count(), records: sum((s) => s.count) })
        .emit('updates', { every: ms(1) })
        .to(table('tally')),
      ...largeOnes(spend, pin),
    ]
    const made = adjusted(plan(processors), dice.chance(0.5) ? punctualTimes : hastyTimes(dice))
    const input = Array.from({ length: partitions }, (_, partition) => transactions(dice, partition))
    const spendStages = made.stages.filter((stage) => stage.processor === 'spend')
    return {
      plan: made,
      input: { transactions: input },
      forgets: ({ processor }) => processor === 'spend',
      judge: (outcome) => [
        ...spendStages.flatMap((stage) => spendProblems(outcome, stage, input)),
        ...downstreamProblems(outcome, pinned),
      ],
    }
  },
}

function largeOnes(spend: ReturnType<typeof spendTopic>, pin: { generation?: number }): Processor[] {
  const large = topic('large', { schema: largeSchema, key: (l) => l.key, partitions: 2 })
  return [
    processor('large')
      .from(spend, pin)
      .filter(isLarge)
      .map(({ key, count, total, window }) => ({ key, count, total, start: window.start }))
      .to(large),
    processor('regroup')
      .from(large)
      .keyBy((l) => ['third', (l.start / WINDOW_MS) % 3])
      .aggregate({ outputs: count(), records: sum((l) => l.count) })
      .emit('updates', { every: seconds(1) })
      .to(table('regrouped')),
  ]
}

/** Every output of the pinned generation counts once in each of the two tables, unless its function died on it. */
function downstreamProblems(outcome: Outcome, generation: number): string[] {
  const outputs = outcome.topic('spend').filter(({ headers }) => headers.mr!.startsWith(`spend.${generation}.`))
  const killedIn = (name: string) => {
    const killed = outcome.parked().filter(({ processor }) => processor === name)
    return new Set(
      killed.map(({ topic, partition, offset, text }) => (topic === 'spend' ? `${partition}-${offset}` : text)),
    )
  }
  const [inTally, inRegroup] = [killedIn('tally'), killedIn('regroup')]
  const contentOf = (name: string) => new Set(outcome.everything(name).map(({ value }) => value))
  const tallied = outputs
    .filter(({ partition, offset }) => !inTally.has(`${partition}-${offset}`))
    .map(({ value }) => JSON.parse(value!) as Spend)
  const passed = outcome.topic('large')
  const regrouped = passed.filter(({ value }) => !inRegroup.has(value!)).map(({ value }) => JSON.parse(value!) as Large)
  const expectedLarge = outputs
    .map(({ value }) => JSON.parse(value!) as Spend)
    .filter(isLarge)
    .map(largeOf)
  return [
    ...differences(
      'large',
      passed.map(({ value }) => value!).toSorted(),
      expectedLarge.map((l) => JSON.stringify(l)).toSorted(),
    ),
    ...differences(
      'tally',
      outcome.table('tally'),
      tallyBy(tallied, ({ key }) => key.slice(0, 1)),
    ),
    ...differences('regrouped', outcome.table('regrouped'), tallyBy(regrouped, thirdOf)),
    ...(contentOf('large').size > 0 || expectedLarge.length === 0 ? [] : ['nothing came through']),
  ]
}

const largeOf = ({ key, count, total, window }: Spend): Large => ({ key, count, total, start: window.start })

function tallyBy<T extends { count: number }>(
  outputs: readonly T[],
  keyOf: (each: T) => string,
): Record<string, unknown> {
  return latestOf(
    outputs,
    (each) => `${keyOf(each)}|-`,
    (held: { outputs: number; records: number } | undefined, { count }) => ({
      outputs: (held?.outputs ?? 0) + 1,
      records: (held?.records ?? 0) + count,
    }),
  )
}
