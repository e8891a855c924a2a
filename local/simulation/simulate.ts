import { Dice } from './dice.ts'
import { type FaultChoice, type FaultKind, Faults } from './faults.ts'
import { Scheduler, type Step } from './scheduler.ts'
import type { InputRecord, Scene, Topology } from './topology.ts'
import { World } from './world.ts'

/** Wall clock at the start: long after the records' own times, so that nobody may take the one for the other. */
const START_MS = Date.UTC(2026, 0, 3)

/** What is left out of a seed, to see whether it still fails. */
export interface Choice extends FaultChoice {
  /** Only so many records of each source partition, by `topic-partition`. */
  readonly records?: Readonly<Record<string, number>> | undefined
}

export interface Result {
  readonly problems: readonly string[]
  /** How often each situation came up. */
  readonly situations: ReadonlyMap<string, number>
  /** How often each fault struck, and the numbers of those that did. */
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly struck: readonly number[]
  /** Number of records of each source partition, by `topic-partition`. */
  readonly records: Readonly<Record<string, number>>
  /** The schedule. */
  readonly trace: readonly Step[]
}

/** Runs one seed: a scene, a schedule with faults, a drain, and the judgement of all that came out. */
export async function simulate(topology: Topology, seed: number, choice: Choice = {}): Promise<Result> {
  const scheduler = new Scheduler(seed, START_MS)
  const struck = new Map<FaultKind, number>()
  const faults = new Faults(seed, choice, (kind, number) => {
    struck.set(kind, (struck.get(kind) ?? 0) + 1)
    scheduler.note('fault', `${number}: ${kind}`)
  })
  const scene = cut(topology.scene(new Dice(seed, 'input')), choice.records)
  const world = new World(scheduler, faults, scene)
  const { problems, situations } = world.observer
  const unwatch = world.observer.watchCaches()
  try {
    // Between two runs the process may do something else.
    await new Promise(setImmediate)
    await world.run()
    if (problems.length === 0) problems.push(...(await world.judge()))
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    unwatch()
  }
  return {
    problems,
    situations,
    faults: struck,
    struck: faults.struck,
    records: countsOf(scene),
    trace: scheduler.trace,
  }
}

/** The scene with only the first records of each partition; what must come out follows from what goes in. */
function cut(scene: Scene, records: Choice['records']): Scene {
  if (records === undefined) return scene
  for (const [topic, partitions] of Object.entries(scene.input))
    for (const [partition, list] of partitions.entries()) {
      const count = records[`${topic}-${partition}`]
      if (count !== undefined) (list as InputRecord[]).splice(count)
    }
  return scene
}

const countsOf = ({ input }: Scene): Record<string, number> =>
  Object.fromEntries(
    Object.entries(input).flatMap(([topic, partitions]) =>
      partitions.map((records, partition) => [`${topic}-${partition}`, records.length]),
    ),
  )
