import type { Context } from '../machine.ts'
import { FINAL, type Move, mayStart } from './automaton.ts'
import { type Group, groupOf, NO_NODE } from './branch-state.ts'
import { BranchWork, hasWork } from './branch-work.ts'
import type { Compiled } from './compile.ts'
import type { PatternEvent } from './event-at-hand.ts'
import type { AnySteps, Match } from './match.ts'
import type { Keeping, Matcher } from './matcher.ts'

/**
 * Matches any pattern: keeps each partial match apart, and shares the events that they have in common. An event costs as
 * much as the key has partial matches, and writes those that it changes.
 */
export class BranchMatcher<Out> implements Matcher<Out> {
  readonly #compiled: Compiled
  readonly #onMatch: (match: Match<AnySteps>) => Out
  readonly #keeping: Keeping

  constructor(compiled: Compiled, onMatch: (match: Match<AnySteps>) => Out, keeping: Keeping) {
    this.#keeping = keeping
    this.#compiled = compiled
    this.#onMatch = onMatch
  }

  takesUnseen(): boolean {
    return false
  }

  take(c: Context<Out>, event: PatternEvent): void {
    if (!hasWork(c) && !this.#mayStart(event)) return
    const work = this.#work(c)
    if (work.groups.length === 0 && !this.#mayStart(event)) return
    for (const group of work.groups) this.#advance(work, group, event)
    const opened: Group = { first: work.event, startMs: event.clockMs, heads: [], done: [], changed: true }
    const moves = this.#keeping.drains ? [] : work.movesOf(0, NO_NODE, event)
    if (moves.length > 0) this.#apply(work, opened, NO_NODE, moves, event, opened.heads)
    if (opened.heads.length > 0 || opened.done.length > 0) work.groups.push(opened)
    work.keep(event)
    work.settle()
    work.bound()
    work.save()
  }

  onTimer(c: Context<Out>, id: string): void {
    if (id.startsWith(this.#keeping.events)) {
      c.cells.delete(id)
      return
    }
    const work = this.#work(c)
    const group = work.groups.find((each) => each.first === groupOf(id))
    if (group !== undefined) this.#end(work, group, c.streamTimeMs - this.#compiled.lagMs)
    work.settle()
    work.save()
  }

  /** An event without partial matches is looked at only if it may open one. */
  #mayStart({ bits }: PatternEvent): boolean {
    return !this.#keeping.drains && mayStart(this.#compiled, bits)
  }

  #advance(work: BranchWork<Out>, group: Group, event: PatternEvent): void {
    const { heads } = group
    const next: number[] = []
    const doneBefore = group.done.length
    for (let i = 0; i < heads.length; i += 2) {
      const state = heads[i]!
      const node = heads[i + 1]!
      this.#apply(work, group, node, work.movesOf(state, node, event), event, next)
    }
    if (group.done.length === doneBefore && same(heads, next)) return
    group.heads = next
    group.changed = true
  }

  /**
   * Makes the moves of one partial match. One that stops it ends every way on, but not a match that the same event completes.
   */
  #apply(
    work: BranchWork<Out>,
    group: Group,
    node: number,
    moves: readonly Move[],
    event: PatternEvent,
    heads: number[],
  ): void {
    const stopped = moves.some((move) => move.kind === 'stop')
    let uses = 0
    for (const { kind, step, target, completes } of moves) {
      if (kind === 'stop') continue
      const goesOn = target !== FINAL && !stopped && !(this.#compiled.firstOfState && hasState(heads, target))
      if (!goesOn && !completes) continue
      const reached = kind === 'take' ? work.make(node, step, (goesOn ? 1 : 0) + (completes ? 1 : 0), event) : node
      uses++
      if (goesOn) heads.push(target, reached)
      if (completes) group.done = [...group.done, reached, event.clockMs]
    }
    work.nodes.use(node, uses - 1)
  }

  /** Time ends partial matches of a group: those that only waited for that are matches, the rest is gone. */
  #end(work: BranchWork<Out>, group: Group, nowMs: number): void {
    const { heads } = group
    const stay: number[] = []
    const gone: [node: number, endMs: number][] = []
    const doneBefore = group.done.length
    for (let i = 0; i < heads.length; i += 2) {
      const [state, node] = [heads[i]!, heads[i + 1]!]
      const endMs = work.headEndsMs(group, state, node)
      if (endMs > nowMs) stay.push(state, node)
      else if (work.isPending(state)) group.done = [...group.done, node, endMs]
      else gone.push([node, endMs])
    }
    group.heads = stay
    group.changed = true
    const [first] = gone
    if (first !== undefined && stay.length === 0 && group.done.length === doneBefore) work.timedOut(group, ...first)
    for (const [node] of gone) work.nodes.use(node, -1)
  }

  #work(c: Context<Out>): BranchWork<Out> {
    return new BranchWork(c, this.#compiled, this.#onMatch, this.#keeping)
  }
}

function hasState(heads: readonly number[], state: number): boolean {
  for (let i = 0; i < heads.length; i += 2) if (heads[i] === state) return true
  return false
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
