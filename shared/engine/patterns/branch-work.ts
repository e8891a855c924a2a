import type { Context } from '../machine.ts'
import type { Move } from './automaton.ts'
import { type Group, Nodes, readGroups, sweep, writeGroups } from './branch-state.ts'
import type { Compiled } from './compile.ts'
import { keepEvent, namedOf, type PatternEvent } from './kept-event.ts'
import type { PatternBounds } from './limits.ts'
import { type AnySteps, type Match, matchOf, soFarOf } from './match.ts'
import { settle } from './skip.ts'

/** Next event number, time of the last event kept, nodes still to be deleted. */
type Tally = readonly [next: number, lastMs: number, garbage: readonly number[]]

/** The cell of the tally. Its timer deletes what is left over; by its name it fires after those of the groups. */
const TALLY = 'z'

/** The partial matches of a key while one event is worked on. */
export class BranchWork<Out> {
  readonly groups: Group[]
  readonly nodes: Nodes<Out>
  /** Number of the event at hand. */
  readonly event: number
  readonly #c: Context<Out>
  readonly #compiled: Compiled
  readonly #bounds: PatternBounds
  readonly #onMatch: (match: Match<AnySteps>) => Out
  readonly #tally: Tally | undefined
  #lastMs: number

  constructor(c: Context<Out>, compiled: Compiled, bounds: PatternBounds, onMatch: (match: Match<AnySteps>) => Out) {
    this.#c = c
    this.#compiled = compiled
    this.#bounds = bounds
    this.#onMatch = onMatch
    this.#tally = c.cells.get(TALLY) as Tally | undefined
    const [next, lastMs, garbage] = this.#tally ?? [0, 0, []]
    this.event = next
    this.#lastMs = lastMs
    this.groups = readGroups(c.cells)
    this.nodes = new Nodes(c, next, garbage)
  }

  /** What a partial match may do with the event. */
  movesOf(state: number, node: number, { bits, value }: PatternEvent): Move[] {
    const { automaton, iterative, conditions } = this.#compiled
    const { moves } = automaton[state]!
    if (iterative === 0) return moves.filter(({ yes, no }) => (bits & yes) === yes && (bits & no) === 0)
    const soFar = soFarOf(() => this.nodes.path(node).map((each) => this.nodes.matched(each, this.#compiled.steps)))
    let known = ~iterative
    let held = bits
    const holds = (asked: number): void => {
      for (let i = 0; i < conditions.length; i++) {
        const bit = 1 << i
        if ((asked & bit & ~known) === 0) continue
        if (conditions[i]!(value, soFar)) held |= bit
        known |= bit
      }
    }
    return moves.filter(({ yes, no }) => {
      if ((held & known & yes) !== (known & yes) || (held & known & no) !== 0) return false
      holds(yes | no)
      return (held & yes) === yes && (held & no) === 0
    })
  }

  isPending(state: number): boolean {
    return this.#compiled.automaton[state]!.pending
  }

  /** Keeps the event if a partial match has taken it. */
  keep(event: PatternEvent): void {
    if (this.nodes.made === 0) return
    keepEvent(this.#c.cells, this.event, event)
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
    const { partialMatchesMax, keptEventsMax, onDropped } = this.#bounds
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
    onDropped(dropped)
    this.settle()
  }

  save(): void {
    const { withinMs, lagMs } = this.#compiled
    const made = this.nodes.made > 0
    const collected = this.nodes.collect()
    writeGroups(this.#c.cells, this.groups, withinMs === undefined ? undefined : withinMs + lagMs)
    const over = this.groups.every(({ heads, done }) => heads.length === 0 && done.length === 0)
    const garbage = this.nodes.garbage.length > 0 || (over && sweep(this.#c.cells))
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
    if (skip.kind === 'no-skip') return 0
    if (skip.kind === 'to-next') return group.first + 1
    if (skip.kind === 'past-last-event') return this.nodes.eventOf(path.at(-1)!) + 1
    const inStep = (node: number): boolean => steps[this.nodes.stepOf(node)]!.name === (skip as { step: string }).step
    const target = skip.kind === 'to-first' ? path.find(inStep) : path.findLast(inStep)
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
