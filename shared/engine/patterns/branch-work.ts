import { MillraceError } from '../../errors.ts'
import type { Context } from '../machine.ts'
import type { Move } from './automaton.ts'
import { type Group, NO_NODE, Nodes, readGroups, sweep, writeGroups } from './branch-state.ts'
import type { Compiled } from './compile.ts'
import type { PatternEvent } from './event-at-hand.ts'
import { namedOf } from './kept-event.ts'
import { patternLimits } from './limits.ts'
import { type AnySteps, type Match, matchOf, type SoFar, type TimedOut } from './match.ts'
import { type Keeping, keptUntil } from './matcher.ts'
import { settle } from './skip.ts'
import { soFarOf } from './so-far.ts'

/** Next event number, time of the last event kept, nodes still to be deleted. */
type Tally = readonly [next: number, lastMs: number, garbage: readonly number[]]

/** The cell of the tally. Its timer deletes what is left over; by its name it fires after those of the groups. */
const TALLY = 'z'

/** True when the key has partial matches, or something of them left over. */
export const hasWork = (c: Context<unknown>): boolean => c.cells.get(TALLY) !== undefined

/** The partial matches of a key while one event is worked on. */
export class BranchWork<Out> {
  readonly groups: Group[]
  readonly nodes: Nodes<Out>
  /** Number of the event at hand. */
  readonly event: number
  readonly #c: Context<Out>
  readonly #compiled: Compiled
  readonly #onMatch: (match: Match<AnySteps>) => Out
  readonly #keeping: Keeping
  readonly #tally: Tally | undefined
  #lastMs: number

  constructor(c: Context<Out>, compiled: Compiled, onMatch: (match: Match<AnySteps>) => Out, keeping: Keeping) {
    this.#keeping = keeping
    this.#c = c
    this.#compiled = compiled
    this.#onMatch = onMatch
    this.#tally = c.cells.get(TALLY) as Tally | undefined
    const [next, lastMs, garbage] = this.#tally ?? [0, 0, []]
    this.event = next
    this.#lastMs = lastMs
    this.groups = readGroups(c.cells)
    this.nodes = new Nodes(c, next, garbage, compiled.bounds.deletesMax, !keeping.shared)
  }

  /** What a partial match may do with the event. */
  movesOf(state: number, node: number, event: PatternEvent): Move[] {
    const { bits, clockMs } = event
    const { iterative, conditions } = this.#compiled
    const moves = this.#open(state, node, clockMs)
    if (iterative === 0) return moves.filter(({ yes, no }) => (bits & yes) === yes && (bits & no) === 0)
    const soFar = this.#soFar(node)
    let known = ~iterative
    let held = bits
    const holds = (asked: number): void => {
      for (let i = 0; i < conditions.length; i++) {
        const bit = 1 << i
        if ((asked & bit & ~known) === 0) continue
        if (conditions[i]!(event.value, soFar)) held |= bit
        known |= bit
      }
    }
    return moves.filter(({ yes, no }) => {
      if ((held & known & yes) !== (known & yes) || (held & known & no) !== 0) return false
      holds(yes | no)
      return (held & yes) === yes && (held & no) === 0
    })
  }

  /** The moves that no gap has closed. */
  #open(state: number, node: number, clockMs: number): readonly Move[] {
    const { automaton, hasGaps } = this.#compiled
    const { moves } = automaton[state]!
    if (!hasGaps || node === NO_NODE) return moves
    const sinceMs = clockMs - this.nodes.clockMs(node)
    return moves.filter(({ gapMs }) => sinceMs < gapMs)
  }

  #soFar(node: number): SoFar<AnySteps, string> {
    const { nodes } = this
    const { steps } = this.#compiled
    return soFarOf(steps, {
      all: () => nodes.path(node).map((each) => nodes.matched(each, steps)),
      running: () => nodes.running(node),
      event: (step, event) => nodes.event(event, step),
    })
  }

  /** Takes the event after `node`, by `step`. @throws MillraceError `NUMBER_UNSAFE` for a measure that is no number */
  make(node: number, step: number, uses: number, event: PatternEvent): number {
    const { iterative, steps } = this.#compiled
    if (iterative === 0) return this.nodes.make(node, step, uses, event.id, undefined)
    return this.nodes.make(node, step, uses, event.id, () => {
      const measured = steps[step]!.measure?.(event.value)
      if (measured !== undefined && !Number.isFinite(measured)) throw new MillraceError('NUMBER_UNSAFE')
      return measured
    })
  }

  isPending(state: number): boolean {
    return this.#compiled.automaton[state]!.pending
  }

  /** When time ends a partial match: exclusive; infinite: never. */
  headEndsMs({ startMs }: Group, state: number, node: number): number {
    const { withinMs = Number.POSITIVE_INFINITY, automaton, hasGaps } = this.#compiled
    const { gapMs } = automaton[state]!
    if (!hasGaps || gapMs === Number.POSITIVE_INFINITY) return startMs + withinMs
    return Math.min(startMs + withinMs, this.nodes.clockMs(node) + gapMs)
  }

  /** When time ends the first of a group's partial matches. */
  #groupEndsMs(group: Group): number {
    const { withinMs = Number.POSITIVE_INFINITY, hasGaps } = this.#compiled
    let endsMs = group.startMs + withinMs
    if (hasGaps)
      for (let i = 0; i < group.heads.length; i += 2)
        endsMs = Math.min(endsMs, this.headEndsMs(group, group.heads[i]!, group.heads[i + 1]!))
    return endsMs
  }

  /** Tells of the partial match that time has ended. */
  timedOut(group: Group, node: number, endMs: number): void {
    const { withinMs, steps } = this.#compiled
    const why = withinMs !== undefined && endMs === group.startMs + withinMs ? 'within' : 'gap'
    this.#c.timedOut((): TimedOut<AnySteps> => {
      const path = this.nodes.path(node)
      const named = namedOf(path.length, patternLimits.timedOutEventsMax)
      const events = named.map((i) => this.nodes.matched(path[i]!, steps))
      return { key: this.#c.key, startMs: group.startMs, endMs, why, events, more: path.length - named.length }
    }, endMs)
  }

  /** Keeps the event if a partial match has taken it. */
  keep(event: PatternEvent): void {
    if (this.nodes.made === 0) return
    event.keep(keptUntil(event.clockMs, this.#keeping))
    this.#lastMs = event.clockMs
  }

  /** Lets out the matches that need not wait. */
  settle(): void {
    const { kind } = this.#compiled.skip
    settle(this.groups, kind !== 'no-skip', {
      emit: (group) => this.#emit(group),
      discard: (group) => this.#discard(group),
    })
  }

  /** Drops the oldest starts while the key has more partial matches than it may; within one start, those at the end of its list. */
  bound(): void {
    const { partialMatchesMax, keptEventsMax } = this.#compiled.bounds
    let count = this.groups.reduce((n, group) => n + group.heads.length / 2, 0)
    let dropped = 0
    const drop = (group: Group, keep: number): void => {
      for (const node of group.heads.filter((_, i) => i % 2 === 1).slice(keep)) this.nodes.use(node, -1)
      dropped += group.heads.length / 2 - keep
      count -= group.heads.length / 2 - keep
      group.heads = group.heads.slice(0, 2 * keep)
      group.changed = true
    }
    const newest = this.groups.at(-1)
    for (const group of this.groups) {
      const tooLong = group.heads.length > 0 && this.nodes.length(group.heads[1]!) > keptEventsMax
      if (tooLong || (count > partialMatchesMax && group !== newest)) drop(group, 0)
    }
    if (newest !== undefined && count > partialMatchesMax) drop(newest, partialMatchesMax)
    if (dropped === 0) return
    this.#c.partialMatchesDropped(dropped)
    this.settle()
  }

  save(): void {
    const { lagMs } = this.#compiled
    const made = this.nodes.made > 0
    const collected = this.nodes.collect()
    writeGroups(this.#c.cells, this.groups, (group) => this.#groupEndsMs(group) + lagMs)
    const over = this.groups.every(({ heads, done }) => heads.length === 0 && done.length === 0)
    const garbage =
      this.nodes.garbage.length > 0 ||
      (over && sweep(this.#c.cells, this.#compiled.bounds.deletesMax, !this.#keeping.shared))
    if (over && !garbage) this.#c.cells.delete(TALLY)
    else if (made || collected || garbage) this.#saveTally(this.event + (made ? 1 : 0), garbage)
  }

  #saveTally(next: number, again: boolean): void {
    const ends = this.#endsMs()
    const tally: Tally = [next, this.#lastMs, this.nodes.garbage]
    this.#c.cells.put(TALLY, tally, again ? this.#c.streamTimeMs : Number.isFinite(ends) ? ends : undefined)
  }

  #endsMs(): number {
    const { withinMs, lagMs } = this.#compiled
    return withinMs === undefined ? Number.POSITIVE_INFINITY : this.#lastMs + withinMs + lagMs
  }

  #emit(group: Group): number {
    const [node, endMs] = group.done as [number, number]
    group.done = group.done.slice(2)
    group.changed = true
    const path = this.nodes.path(node)
    const named = namedOf(path.length)
    const events = named.map((i) => this.nodes.matched(path[i]!, this.#compiled.steps))
    const match = matchOf(this.#c.key, group.startMs, endMs, events, path.length - named.length)
    this.#c.emit(this.#onMatch(match), endMs)
    const before = this.#discardsBefore(group, path)
    this.nodes.use(node, -1)
    return before
  }

  /** https://nightlies.apache.org/flink/flink-docs-master/docs/libs/cep/#after-match-skip-strategy */
  #discardsBefore(group: Group, path: readonly number[]): number {
    const { skip, steps } = this.#compiled
    if (!('step' in skip)) {
      if (skip.kind === 'no-skip') return 0
      return skip.kind === 'to-next' ? group.first + 1 : this.nodes.eventOf(path.at(-1)!) + 1
    }
    const inStep = (node: number): boolean => steps[this.nodes.stepOf(node)]!.name === skip.step
    const target = skip.kind === 'to-first' ? path.find(inStep) : path.findLast(inStep)
    if (skip.refuseMiss && (target === undefined || target === path[0]))
      throw new MillraceError('SKIP_MISSED', { step: skip.step })
    return target === undefined ? 0 : this.nodes.eventOf(target)
  }

  #discard(group: Group): void {
    for (let i = 1; i < group.heads.length; i += 2) this.nodes.use(group.heads[i]!, -1)
    for (let i = 0; i < group.done.length; i += 2) this.nodes.use(group.done[i]!, -1)
    group.heads = []
    group.done = []
    group.changed = true
  }
}
