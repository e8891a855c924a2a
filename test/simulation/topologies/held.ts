import { z } from 'zod'
import { collect, processor, topic } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord, Outcome, Topology } from '../../../local/simulation/topology.ts'
import { differences, latestOf } from '../../../local/simulation/verdicts.ts'
import { plan, type Stage } from '../../../shared/processor/index.ts'
import { eventTimes, hastyTimes, punctualTimes, recordOf, soundValue } from './records.ts'

const move = z.object({ id: z.string(), user: z.string(), steps: z.number(), at: z.number() })
type Move = z.infer<typeof move>
const pathSchema = z.object({
  key: z.string(),
  ids: z.object({ values: z.array(z.string()).readonly(), more: z.number() }),
})
type Path = z.infer<typeof pathSchema>

/**
 * Moves of users, in the order that they must be seen in, by code with a bug that is mended while it runs: a record that
 * is parked holds its key, and what is redriven or given up lets the rest follow.
 */
export const held: Topology = {
  name: 'held',
  scene(dice) {
    const bug = { isThere: true, above: dice.pick([8, 11]) }
    const partitions = dice.between(1, 2)
    const moves = topic('moves', { schema: move, key: (m) => m.user, time: (m) => m.at, partitions })
    const paths = topic('paths', { schema: pathSchema, key: (path) => path.key, partitions: 2 })
    const perUser = processor('path', { park: 'key' })
      .from(moves)
      .keyBy()
      .aggregate({
        ids: collect(100, ({ id, steps }) => {
          if (bug.isThere && steps > bug.above) throw new TypeError('bug')
          return id
        }),
      })
      .to(paths)
    const input = Array.from({ length: partitions }, (_, partition) => movesOf(dice, partition))
    const made = adjusted(plan([perUser]), dice.chance(0.5) ? hastyTimes(dice) : punctualTimes)
    const stage = made.stages[0]!
    return {
      plan: made,
      input: { moves: input },
      mend: (isMended) => {
        bug.isThere = !isMended
      },
      mended: stage,
      judge: (outcome) => problemsOf(outcome, stage, input),
    }
  },
}

/**
 * The rule: the sound records of a key count once, in order, unless nobody read them or they were given up; one that can
 * never be used holds those behind it, unless it is given up.
 */
function problemsOf(outcome: Outcome, stage: Stage, input: readonly (readonly InputRecord[])[]): string[] {
  const written = outcome.topic('paths').map(({ value }) => JSON.parse(value!) as Path)
  const newest = latestOf(
    written,
    ({ key }) => key,
    (_: Path | undefined, path) => path,
  )
  const found = Object.fromEntries(Object.entries(newest).map(([key, { ids }]) => [key, ids.values.join(' ')]))
  const counted = new Set(Object.values(newest).flatMap(({ ids }) => ids.values))
  const expected = new Map<string, string[]>()
  const problems: string[] = []
  for (const [partition, records] of input.entries()) {
    const skipped = outcome.skipped(stage, partition)
    const givenUp = outcome.givenUp(stage, partition)
    const holds = new Set<string>()
    let counts = 0
    for (const [offset, record] of records.entries()) {
      if (skipped.has(offset)) continue
      const value = soundValue<Move>(record, ({ user }) => user)
      const fate = givenUp.get(offset)
      // Where nobody knows whether it was given up, only what came out can tell.
      const isBehind = (other: InputRecord, at: number) =>
        at > offset && other.key === record.key && counted.has(`${partition}-${at}`)
      const isGone = value === undefined ? records.some(isBehind) : !counted.has(value.id)
      if (fate === 'done' || (fate === 'asked' && isGone)) continue
      if (value === undefined) holds.add(record.key!)
      if (value === undefined || holds.has(value.user)) continue
      counts++
      expected.set(value.user, [...(expected.get(value.user) ?? []), value.id])
    }
    const read = records.length - skipped.size
    const { counted: all = 0, parked = 0 } = outcome.counts(stage, partition) ?? {}
    problems.push(...differences(`fates of ${partition}`, { all, parked }, { all: counts, parked: read - counts }))
  }
  const wanted = Object.fromEntries([...expected].map(([user, ids]) => [user, ids.join(' ')]))
  return [...problems, ...differences('paths', found, wanted)]
}

function movesOf(dice: Dice, partition: number): InputRecord[] {
  const next = eventTimes(dice)
  return Array.from({ length: dice.between(6, 22) }, (_, n) => {
    const user = `u${partition}${dice.between(0, 2)}`
    const value = { id: `${partition}-${n}`, user, steps: dice.between(1, 12), at: next() } satisfies Move
    return dice.chance(0.5)
      ? recordOf(dice, user, value)
      : { key: user, value: JSON.stringify(value), timestampMs: value.at }
  })
}
