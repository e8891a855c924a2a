import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMillraceError, MillraceError } from '../../shared/errors.ts'
import { HelpAsked } from '../cli/flags.ts'
import { messageOf } from '../run/troubles.ts'
import { Dice } from './dice.ts'
import { parseSimulationFlags, type SimulationFlags } from './flags.ts'
import { Pool } from './pool.ts'
import { countsText, stepsText, talliesText } from './report.ts'
import { flagsOf, shrink } from './shrink.ts'
import { type Choice, type Result, simulate } from './simulate.ts'
import { addResult, newTally, type Tally } from './tally.ts'
import type { Topology } from './topology.ts'

const OK = 0
const FAILED = 1
const WRONG_USAGE = 2
const PROGRESS_MS = 30_000

export interface SimulationCommand {
  /** As the user types it, up to the flags. */
  readonly name: string
  /** The module that exports `topologies`. */
  readonly topologies: URL
  print(text: string): void
  /** Told twice a minute how far a long run is: where it can be taken up again. */
  progress?(text: string): void
  /** What a run of all must have reached; told when it did not. */
  readonly situations?: readonly string[]
}

/** Runs seeds, and shows what fails as small as it can be made. @returns the exit code */
export async function simulationCommand(argv: readonly string[], command: SimulationCommand): Promise<number> {
  try {
    const flags = parseSimulationFlags(argv, command.name)
    const url = moduleOf(command.topologies, flags)
    const { topologies } = (await import(url)) as { topologies: readonly Topology[] }
    const chosen = choose(topologies, flags.processor).filter((each) => isPossible(each, flags, command))
    return (await isRepetition(flags, chosen, command)) ?? (await runAll(flags, chosen, url, command))
  } catch (error) {
    if (error instanceof HelpAsked) {
      command.print(error.text)
      return OK
    }
    command.print(messageOf(error))
    return isMillraceError(error, 'USAGE') || isMillraceError(error, 'PROCESSORS_UNKNOWN') ? WRONG_USAGE : FAILED
  }
}

function moduleOf(topologies: URL, { samples }: SimulationFlags): string {
  const url = new URL(topologies)
  if (samples !== undefined) url.searchParams.set('samples', pathToFileURL(resolve(samples)).href)
  return url.href
}

function choose(topologies: readonly Topology[], name: string | undefined): readonly Topology[] {
  const chosen = name === undefined ? topologies : topologies.filter((each) => each.name === name)
  if (chosen.length > 0) return chosen
  throw new MillraceError('PROCESSORS_UNKNOWN', { name, known: topologies.map((each) => each.name).join(', ') })
}

/** False, and a word about it, for one whose records cannot be made up; an error if it was asked for. */
function isPossible(topology: Topology, { processor, fromSeed }: SimulationFlags, command: SimulationCommand): boolean {
  try {
    topology.scene(new Dice(fromSeed, 'input'))
    return true
  } catch (error) {
    if (processor !== undefined || !isMillraceError(error, 'USAGE')) throw error
    command.print(`${topology.name} is left out. ${error.message}`)
    return false
  }
}

/** With faults or records left out it is one seed again, and its steps are shown. */
async function isRepetition(
  { without, onlyFaults, records, fromSeed }: SimulationFlags,
  topologies: readonly Topology[],
  command: SimulationCommand,
): Promise<number | undefined> {
  if (without === undefined && onlyFaults === undefined && records === undefined) return undefined
  const choice: Choice = { without, only: onlyFaults, records }
  const [topology] = topologies
  const result = await simulate(topology!, fromSeed, choice)
  showSteps(topology!.name, fromSeed, result, command)
  return result.problems.length > 0 ? FAILED : OK
}

async function runAll(
  flags: SimulationFlags,
  topologies: readonly Topology[],
  url: string,
  command: SimulationCommand,
): Promise<number> {
  const startedMs = performance.now()
  const tallies = flags.seeds === 1 ? await runOne(flags, topologies) : await runMany(flags, topologies, url, command)
  command.print(talliesText(tallies, performance.now() - startedMs))
  if (flags.counts) command.print(countsText(tallies))
  for (const { topology, failures } of tallies)
    if (failures[0] !== undefined)
      await showFailure(topologies.find(({ name }) => name === topology)!, failures[0].seed, command)
  const missed = missedOf(tallies, command.situations ?? [])
  if (missed.length > 0) command.print(`Not reached, so nothing is proven about them: ${missed.join('; ')}.`)
  return missed.length > 0 || tallies.some(({ failures }) => failures.length > 0) ? FAILED : OK
}

async function runOne({ fromSeed }: SimulationFlags, topologies: readonly Topology[]): Promise<Tally[]> {
  const tallies: Tally[] = []
  for (const topology of topologies) {
    const tally = newTally(topology.name)
    const before = process.cpuUsage()
    addResult(tally, fromSeed, await simulate(topology, fromSeed))
    const { user, system } = process.cpuUsage(before)
    tally.cpuMs = (user + system) / 1_000
    tallies.push(tally)
  }
  return tallies
}

async function runMany(
  flags: SimulationFlags,
  topologies: readonly Topology[],
  url: string,
  command: SimulationCommand,
): Promise<Tally[]> {
  const pool = new Pool({ workers: flags.workers, setup: { topologies: url } })
  const tallies: Tally[] = []
  for (const { name } of topologies) {
    let toldMs = performance.now()
    const tell = ({ failures }: Tally, next: number) => {
      if (performance.now() - toldMs < PROGRESS_MS || failures.length > 0) return
      toldMs = performance.now()
      command.progress?.(`${name}: all well below seed ${next} of ${flags.fromSeed + flags.seeds - 1}`)
    }
    tallies.push(await pool.run(name, flags.fromSeed, flags.seeds, tell))
  }
  await pool.close()
  return tallies
}

async function showFailure(topology: Topology, seed: number, command: SimulationCommand): Promise<void> {
  command.print(
    `\n${topology.name}, seed ${seed}, fails. To run it again:\n  ${repeat(command, topology, flagsOf(seed, {}))}`,
  )
  const { choice, result, runs } = await shrink(topology, seed)
  command.print(
    `The same with what the failure needs (found in ${runs} runs):\n  ${repeat(command, topology, flagsOf(seed, choice))}`,
  )
  showSteps(topology.name, seed, result, command)
}

const repeat = ({ name }: SimulationCommand, topology: Topology, flags: string): string =>
  `${name} -- --processor ${topology.name} ${flags}`

function showSteps(name: string, seed: number, { trace, problems }: Result, command: SimulationCommand): void {
  command.print(stepsText(trace))
  command.print(problems.length === 0 ? `${name}, seed ${seed}: every record counts once.` : problems.join('\n'))
}

function missedOf(tallies: readonly Tally[], situations: readonly string[]): string[] {
  return situations.filter((name) =>
    tallies.every(
      ({ faults, situations }) => !situations.has(name) && !(faults as ReadonlyMap<string, number>).has(name),
    ),
  )
}
