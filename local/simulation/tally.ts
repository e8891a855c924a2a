import type { FaultKind } from './faults.ts'
import type { Result } from './simulate.ts'

/** A seed that fails, and what it says. */
export interface Failure {
  readonly seed: number
  readonly problems: readonly string[]
}

/** What some seeds of one topology have shown. */
export interface Tally {
  readonly topology: string
  seeds: number
  steps: number
  cpuMs: number
  readonly failures: Failure[]
  readonly faults: Map<FaultKind, number>
  readonly situations: Map<string, number>
}

export const newTally = (topology: string): Tally => ({
  topology,
  seeds: 0,
  steps: 0,
  cpuMs: 0,
  failures: [],
  faults: new Map(),
  situations: new Map(),
})

export function addResult(tally: Tally, seed: number, { problems, trace, faults, situations }: Result): void {
  tally.seeds++
  tally.steps += trace.length
  if (problems.length > 0) tally.failures.push({ seed, problems })
  addCounts(tally.faults, faults)
  addCounts(tally.situations, situations)
}

export function addTally(tally: Tally, more: Tally): void {
  tally.seeds += more.seeds
  tally.steps += more.steps
  tally.cpuMs += more.cpuMs
  tally.failures.push(...more.failures)
  tally.failures.sort((a, b) => a.seed - b.seed)
  addCounts(tally.faults, more.faults)
  addCounts(tally.situations, more.situations)
}

export function addCounts<Name>(to: Map<Name, number>, from: ReadonlyMap<Name, number>): void {
  for (const [name, times] of from) to.set(name, (to.get(name) ?? 0) + times)
}
