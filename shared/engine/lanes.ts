import { BEFORE_ALL_TIME } from '../time.ts'
import { encodeNumber } from './cell-name.ts'
import { RESERVED } from './key.ts'
import type { KeyCells } from './key-cells.ts'
import { NO_WAKE, type State } from './state.ts'

/** Who made an output, and as its how-manieth: sequences of a lane only grow at first appearance. */
export interface Identity {
  readonly lane: string
  readonly sequence: readonly number[]
}

/** Compared number by number; a longer one is above its own beginning. */
export function compareSequences(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/**
 * The highest identity taken per lane: anything not above it is a repeat.
 * Kept in cells, so that it changes with the state it guards.
 */
export class SeenLanes {
  readonly #state: State
  constructor(state: State) {
    this.#state = state
  }

  isRepeat({ lane, sequence }: Identity): boolean {
    const cell = this.#state.ofKey(`${RESERVED}lane`).find(lane)
    return cell !== undefined && compareSequences(sequence, cell.decoded() as number[]) <= 0
  }

  take({ lane, sequence }: Identity): void {
    this.#state.put(this.#state.ofKey(`${RESERVED}lane`), lane, sequence, NO_WAKE)
  }
}

/**
 * Event time of a stage that reads an internal topic: the minimum over the source partitions upstream ("time lanes"),
 * without those that are idle. Before every lane was heard of, there is no time yet: nothing is late, nothing is due.
 */
export class TimeLanes {
  readonly #state: State
  readonly #count: number
  constructor(state: State, count: number) {
    this.#state = state
    this.#count = count
  }

  /** The stage's time if `lane` had reached `timeMs`. */
  timeWith(lane: number, timeMs: number): number {
    const owner = this.#owner()
    let min = Number.POSITIVE_INFINITY
    for (let each = 0; each < this.#count; each++) {
      const [at, idle] = this.#read(owner, each)
      if (each === lane) min = Math.min(min, Math.max(at, timeMs))
      else if (!idle) min = Math.min(min, at)
    }
    return Number.isFinite(min) ? min : BEFORE_ALL_TIME
  }

  /** `lane` has reached `timeMs` and is awake. */
  advance(lane: number, timeMs: number): void {
    const owner = this.#owner()
    const [at, idle] = this.#read(owner, lane)
    if (timeMs > at || idle) this.#state.put(owner, encodeNumber(lane), [Math.max(at, timeMs), 0], NO_WAKE)
  }

  /** Marks lanes idle: they hold time back no longer, until they are heard of again. */
  markIdle(lanes: readonly number[]): void {
    const owner = this.#owner()
    for (const lane of lanes) {
      const [at, idle] = this.#read(owner, lane)
      if (!idle) this.#state.put(owner, encodeNumber(lane), [at, 1], NO_WAKE)
    }
  }

  /** The stage's time as it stands. With every lane idle: the highest of them. */
  time(): number {
    const owner = this.#owner()
    const lanes = Array.from({ length: this.#count }, (_, lane) => this.#read(owner, lane))
    const awake = lanes.filter(([, idle]) => !idle)
    if (awake.length === 0) return Math.max(...lanes.map(([at]) => at))
    return Math.min(...awake.map(([at]) => at))
  }

  #owner(): KeyCells {
    return this.#state.ofKey(`${RESERVED}time`)
  }

  #read(owner: KeyCells, lane: number): readonly [atMs: number, idle: boolean] {
    const cell = owner.find(encodeNumber(lane))
    if (cell === undefined) return [BEFORE_ALL_TIME, false]
    const [at, idle] = cell.decoded() as [number, number]
    return [at, idle === 1]
  }
}
