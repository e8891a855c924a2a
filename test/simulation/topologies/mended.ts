import { z } from 'zod'
import { collect, count, ms, processor, sum, table, topic } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord, Outcome, Topology } from '../../../local/simulation/topology.ts'
import { differences, latestOf } from '../../../local/simulation/verdicts.ts'
import { plan, type Stage } from '../../../shared/processor/index.ts'
import { eventTimes, hastyTimes, punctualTimes, recordOf, soundValue } from './records.ts'

const payment = z.object({ id: z.string(), user: z.string(), amount: z.number(), note: z.string(), at: z.number() })
type Payment = z.infer<typeof payment>
const totalSchema = z.object({
  key: z.string(),
  count: z.number(),
  total: z.number(),
  ids: z.object({ values: z.array(z.string()).readonly(), more: z.number() }),
})
type Total = z.infer<typeof totalSchema>

const FAT_NOTE = 'x'.repeat(33_000)

/**
 * Payments per user, by code with a bug that is mended while it runs: what was parked until then, or skipped, is redriven
 * or given up. Sums do not depend on the order, so what must come out is the same whenever a redrive is applied.
 * The bug is in the aggregate, in a processor without state in front of it, or in the key that it is grouped by.
 */
export const mended: Topology = {
  name: 'mended',
  scene(dice) {
    const bug = { isThere: true, above: dice.pick([3, 8, 11]) }
    const amountOf = ({ amount }: Payment): number => {
      if (bug.isThere && amount > bug.above) throw new TypeError('bug')
      return amount
    }
    const partitions = dice.between(2, 3)
    const paid = topic('paid', { schema: payment, key: (p) => p.user, time: (p) => p.at, partitions })
    const totals = topic('totals', { schema: totalSchema, key: (t) => t.key, partitions: 2 })
    const place = dice.pick(['aggregate', 'aggregate', 'aggregate', 'aggregate', 'map', 'key'])
    const cleaned = topic('cleaned', { schema: payment, key: (p) => p.user, partitions: 2 })
    const cleaner = processor('cleaner')
      .from(paid)
      .map((p) => ({ ...p, amount: amountOf(p), note: '' }))
      .to(cleaned)
    const keyed =
      place === 'key'
        ? processor('per-user')
            .from(paid)
            .keyBy((p) => (amountOf(p) > 0 ? p.user : ''))
        : processor('per-user')
            .from(place === 'map' ? cleaned : paid)
            .keyBy()
    const summed = keyed.aggregate({
      count: count(),
      total: sum(place === 'aggregate' ? amountOf : (p) => p.amount),
      ids: collect(50, (p) => p.id),
    })
    const withRows = dice.chance(0.5)
    const perUser = withRows
      ? summed
          .emit('updates', { every: ms(1) })
          .to(totals)
          .to(table('totals'))
      : summed.to(totals)
    const input = Array.from({ length: partitions }, (_, partition) => payments(dice, partition))
    const isHasty = dice.chance(0.5) && place === 'aggregate'
    const made = adjusted(
      plan(place === 'map' ? [cleaner, perUser] : [perUser]),
      isHasty ? hastyTimes(dice) : punctualTimes,
    )
    const mended = made.stages.find(({ source }) => source.name === 'paid')!
    return {
      plan: made,
      input: { paid: input },
      mend: (isMended) => {
        bug.isThere = !isMended
      },
      mended,
      judge: (outcome) => problemsOf(outcome, mended, input),
    }
  },
}

/** The rule: a sound record counts once, unless nobody read it or it was given up; everything else stays parked. */
function problemsOf(outcome: Outcome, stage: Stage, input: readonly (readonly InputRecord[])[]): string[] {
  const written = outcome.topic('totals').map(({ value }) => JSON.parse(value!) as Total)
  const newest = latestOf(
    written,
    ({ key }) => key,
    (_: Total | undefined, total) => total,
  )
  const counted = new Set(Object.values(newest).flatMap(({ ids }) => ids.values))
  const parked = outcome.parked().map(({ partition, offset }) => `${partition}-${offset}`)
  const expected: Record<string, Omit<Total, 'key' | 'ids'> & { ids: string[] }> = {}
  const problems: string[] = []
  for (const [partition, records] of input.entries()) {
    const skipped = outcome.skipped(stage, partition)
    const givenUp = outcome.givenUp(stage, partition)
    let counts = 0
    for (const [offset, record] of records.entries()) {
      // Without a state nobody asks whether the record's key is the topic's.
      const value = soundValue<Payment>(record, ({ user }) => (stage.stateful ? user : record.key!))
      if (skipped.has(offset) || value === undefined) continue
      // Whether it was applied before it was given up, only what came out can tell.
      const fate = givenUp.get(offset)
      if (fate === 'done' || (fate === 'asked' && !counted.has(value.id))) continue
      counts++
      const { count, total, ids } = expected[value.user] ?? { count: 0, total: 0, ids: [] }
      expected[value.user] = { count: count + 1, total: total + value.amount, ids: [...ids, value.id].toSorted() }
    }
    const read = records.length - skipped.size
    const { counted: found = 0, parked: left = 0 } = outcome.counts(stage, partition) ?? {}
    if (stage.stateful)
      problems.push(...differences(`fates of ${partition}`, { found, left }, { found: counts, left: read - counts }))
  }
  const sorted = ({ count, total, ids }: Omit<Total, 'key'>) => ({ count, total, ids: ids.values.toSorted() })
  const rows = Object.entries(outcome.table('totals')).map(([key, row]) => [key.slice(0, -2), sorted(row as Total)])
  return [
    ...problems,
    ...differences('parked once', parked.toSorted(), [...new Set(parked)].toSorted()),
    ...textDifferences(
      'totals',
      Object.fromEntries(Object.entries(newest).map(([key, each]) => [key, sorted(each)])),
      expected,
    ),
    ...(rows.length > 0 ? textDifferences('rows', Object.fromEntries(rows), expected) : []),
  ]
}

/** Lists are compared with their repeats. */
const textDifferences = (what: string, found: Record<string, unknown>, expected: Record<string, unknown>): string[] =>
  differences(what, textsOf(found), textsOf(expected))
const textsOf = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]))

function payments(dice: Dice, partition: number): InputRecord[] {
  const next = eventTimes(dice)
  return Array.from({ length: dice.between(6, 22) }, (_, n) => {
    const user = `u${partition}${dice.between(0, 3)}`
    const id = `${partition}-${n}`
    const note = dice.chance(0.02) ? FAT_NOTE : dice.letters(14)
    const value = { id, user, amount: dice.between(1, 12), note, at: next() } satisfies Payment
    return recordOf(dice, user, value)
  })
}
