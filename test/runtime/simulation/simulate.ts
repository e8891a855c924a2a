import { logging } from './logging.ts'
import { Scheduler } from './scheduler.ts'
import { START_MS, spending } from './spending.ts'
import type { Topology } from './topology.ts'
import { identityProblems, withoutRepeats } from './verdicts.ts'
import { type PortsChange, World } from './world.ts'

export interface Result {
  readonly topology: string
  readonly problems: readonly string[]
  /** How often each situation came up. */
  readonly situations: ReadonlyMap<string, number>
  /** The schedule. */
  readonly trace: readonly string[]
}

/** Runs one seed: a topology, its input, a schedule with faults, a drain, and the judgement of all that came out. */
export async function simulate(seed: number, change: PortsChange = (ports) => ports): Promise<Result> {
  const scheduler = new Scheduler(seed, START_MS)
  const punctual = seed % 4 < 2
  const topology = seed % 2 === 0 ? spending(scheduler, punctual) : logging(scheduler, punctual)
  const situations = new Map<string, number>()
  const count = (situation: string) => void situations.set(situation, (situations.get(situation) ?? 0) + 1)
  const world = new World(scheduler, topology, count, change)
  await world.run()
  const { problems } = world
  try {
    if (problems.length === 0) problems.push(...(await judge(world, topology, count)))
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return { topology: topology.name, problems, situations, trace: scheduler.trace }
}

async function judge(world: World, topology: Topology, count: (situation: string) => void): Promise<string[]> {
  const appended = await world.appended()
  const once = withoutRepeats(appended)
  if (once.length < appended.length) count('repeat on a topic')
  const books = await world.bookProblems(appended)
  return [...identityProblems(appended), ...books, ...topology.judge(world.outcome(once))]
}
