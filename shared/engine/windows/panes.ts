import type { Aggregate } from '../aggregates/aggregate.ts'
import { decodeNumber, encodeNumber } from '../cell-name.ts'
import type { CellStore } from '../machine.ts'
import { NO_WAKE } from '../state.ts'
import { checkRoom } from './limits.ts'

/** What a pane's cell holds; `suffix`: see {@link PaneStacks}. */
export type Pane = readonly [maxTimeMs: number, state: unknown, suffix?: unknown]

export type NamedPane = readonly [id: string, pane: Pane]

const PANE = 'w\u0001'
/** Above every pane's name. */
const END = 'w\u0002'
export const startOf = (id: string): number => decodeNumber(id, PANE.length)
export const isPane = (id: string): boolean => id.startsWith(PANE)

/** The panes of the key at hand. One object for all keys: it is pointed at the cells of each event. */
export class Panes {
  #cells!: CellStore
  readonly #aggregate: Aggregate<unknown, unknown, object>
  readonly #put: 'put' | 'putSized'
  // Where windows begin and end is asked for several times over while one of them closes.
  readonly #namedStarts = [Number.NaN, Number.NaN]
  readonly #names = ['', '']
  #oldest = 0

  constructor(aggregate: Aggregate<unknown, unknown, object>) {
    this.#aggregate = aggregate
    this.#put = aggregate.fixedSize ? 'put' : 'putSized'
  }

  of(cells: CellStore): this {
    this.#cells = cells
    return this
  }

  #idOf(start: number): string {
    if (this.#namedStarts[0] === start) return this.#names[0]!
    if (this.#namedStarts[1] === start) return this.#names[1]!
    const id = PANE + encodeNumber(start)
    this.#namedStarts[this.#oldest] = start
    this.#names[this.#oldest] = id
    this.#oldest ^= 1
    return id
  }

  /**
   * @returns true when the pane was not there before
   * @throws MillraceError `WINDOWS_TOO_MANY`
   */
  add(start: number, value: unknown, timeMs: number, wakeAtMs: number): boolean {
    const aggregate = this.#aggregate
    const id = this.#idOf(start)
    const held = this.#cells.get(id) as Pane | undefined
    if (held === undefined) checkRoom(this.#cells)
    const pane: Pane =
      held === undefined
        ? [timeMs, aggregate.add(aggregate.initialize(), value, timeMs)]
        : [held[0] > timeMs ? held[0] : timeMs, aggregate.add(held[1], value, timeMs)]
    this.#cells[this.#put](id, pane, wakeAtMs)
    return held === undefined
  }

  /** The pane with what the states from it on come to. */
  keepSuffix(id: string, [maxTimeMs, state]: Pane, suffix: unknown): void {
    this.#cells[this.#put](id, [maxTimeMs, state, suffix], NO_WAKE)
  }

  /** The first pane from `start` on. */
  firstFrom(start: number): number | undefined {
    const first = this.#cells.first(this.#idOf(start), END)
    return first === undefined ? undefined : startOf(first[0])
  }

  first(from: number, to: number): Pane | undefined {
    return this.#cells.first(this.#idOf(from), this.#idOf(to))?.[1] as Pane | undefined
  }

  last(from: number, to: number): Pane | undefined {
    return this.#cells.last(this.#idOf(from), this.#idOf(to))?.[1] as Pane | undefined
  }

  /** The panes with from <= start < to, by start. */
  range(from: number, to: number): [start: number, pane: Pane][] {
    return this.#cells.range(this.#idOf(from), this.#idOf(to)).map(([id, pane]) => [startOf(id), pane as Pane])
  }

  /** The same by name, for whoever does not need to know where they begin. */
  named(from: number, to: number): NamedPane[] {
    return this.#cells.range(this.#idOf(from), this.#idOf(to)) as NamedPane[]
  }

  deleteBelow(start: number): void {
    const to = this.#idOf(start)
    for (let first = this.#cells.first(PANE, to); first !== undefined; first = this.#cells.first(PANE, to))
      this.#cells.delete(first[0])
  }
}
