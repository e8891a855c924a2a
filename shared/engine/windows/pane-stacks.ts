import type { Aggregate } from '../aggregates/aggregate.ts'
import { type NamedPane, type Panes, startOf } from './panes.ts'

/**
 * What is kept between the windows of a key that close one after the other, so that each costs a few merges however many
 * panes it has: panes before `mid` hold the merged state from themselves up to `mid` (their suffix), and `back` is the
 * merged state from `mid` to before `end`. (Two stacks that make a queue.)
 */
export type Stacks = readonly [mid: number, end: number, back: unknown]
const NOTHING = null

export const stackLimits = {
  /** A window of so many panes is merged afresh: that costs less than keeping anything. */
  plainPanesMax: 16,
  /** Panes that get a suffix at a time: what one event writes must fit one commit. */
  suffixesMax: 256,
}

/** The state of a window, and what to keep for the next. */
export interface Merged {
  /** undefined: no pane. */
  readonly state: unknown
  /** Highest event time inside; -1 without a pane. */
  readonly maxTimeMs: number
  readonly stacks: Stacks | undefined
}

/** Merges the panes of windows whose start and end only grow. States that grow are merged afresh: suffixes of them would be large. */
export class PaneStacks {
  readonly #panes: Panes
  readonly #aggregate: Aggregate<unknown, unknown, object>
  readonly #limits: typeof stackLimits

  constructor(panes: Panes, aggregate: Aggregate<unknown, unknown, object>, limits = stackLimits) {
    this.#panes = panes
    this.#aggregate = aggregate
    this.#limits = limits
  }

  /** The stacks once a record has changed the pane at `start`. */
  changed(stacks: Stacks | undefined, start: number): Stacks | undefined {
    if (stacks === undefined || start >= stacks[1]) return stacks
    return start < stacks[0] ? undefined : [stacks[0], stacks[0], NOTHING]
  }

  /** The state of the panes with from <= start < to. */
  merge(from: number, to: number, stacks: Stacks | undefined): Merged {
    if (stacks === undefined || from >= stacks[0]) return this.#anew(this.#panes.named(from, to))
    const [mid, end, back] = stacks
    const added = this.#panes.named(end, to)
    const longer = this.#fold(added, back)
    const front = this.#panes.first(from, mid)
    const state = front === undefined ? longer : this.#both(front[2], longer)
    const last = added.at(-1)?.[1] ?? this.#panes.last(from, to)
    return {
      state: state === NOTHING ? undefined : state,
      maxTimeMs: last === undefined ? -1 : last[0],
      stacks: [mid, to, longer],
    }
  }

  #anew(panes: readonly NamedPane[]): Merged {
    if (panes.length === 0) return { state: undefined, maxTimeMs: -1, stacks: undefined }
    const maxTimeMs = panes[panes.length - 1]![1][0]
    if (panes.length <= this.#limits.plainPanesMax || !this.#aggregate.fixedSize)
      return { state: this.#fold(panes, NOTHING), maxTimeMs, stacks: undefined }
    return { ...this.#stack(panes), maxTimeMs }
  }

  #stack(panes: readonly NamedPane[]): Omit<Merged, 'maxTimeMs'> {
    const count = Math.min(panes.length, this.#limits.suffixesMax)
    let suffix: unknown = NOTHING
    for (let i = count - 1; i >= 0; i--) {
      const [id, pane] = panes[i]!
      suffix = this.#both(pane[1], suffix)
      this.#panes.keepSuffix(id, pane, suffix)
    }
    const back = this.#fold(panes.slice(count), NOTHING)
    const end = startOf(panes.at(-1)![0]) + 1
    const mid = count < panes.length ? startOf(panes[count]![0]) : end
    return { state: this.#both(suffix, back), stacks: [mid, end, back] }
  }

  #fold(panes: readonly NamedPane[], from: unknown): unknown {
    let state = from
    for (const [, pane] of panes) state = this.#both(state, pane[1])
    return state
  }

  #both(a: unknown, b: unknown): unknown {
    return a === NOTHING ? b : b === NOTHING ? a : this.#aggregate.merge(a, b)
  }
}
