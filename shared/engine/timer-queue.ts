import { type Cell, NO_WAKE } from './state.ts'

/** `queuedAtMs` of a cell that has no place in the queue. */
export const NOT_QUEUED = Number.POSITIVE_INFINITY

/**
 * Timers by (time, key, cell), a binary heap. A timer that moves to later keeps its entry, which moves on when it comes
 * up: sessions move theirs with every record. One that moves to earlier gets another, and the old one is skipped.
 */
export class TimerQueue {
  // An entry is the same index in both. Times by themselves lie side by side: mostly they decide, and no cell is looked at.
  #times: number[] = []
  #cells: Cell[] = []

  /** Number of entries, those out of date included. */
  get size(): number {
    return this.#times.length
  }

  /** The cell's timer was set, to `cell.wakeAtMs`. */
  set(cell: Cell): void {
    const timeMs = cell.wakeAtMs
    if (cell.queuedAtMs <= timeMs) return
    cell.queuedAtMs = timeMs
    const times = this.#times
    const cells = this.#cells
    let i = times.length
    times.push(timeMs)
    cells.push(cell)
    while (i > 0) {
      const parent = (i - 1) >> 1
      const parentMs = times[parent]!
      if (timeMs > parentMs || (timeMs === parentMs && !before(cell, cells[parent]!))) break
      times[i] = parentMs
      cells[i] = cells[parent]!
      i = parent
    }
    times[i] = timeMs
    cells[i] = cell
  }

  /** Forgets the entries that are out of date. */
  compact(): void {
    const current: { timeMs: number; cell: Cell }[] = []
    for (let i = 0; i < this.#times.length; i++) {
      const timeMs = this.#times[i]!
      const cell = this.#cells[i]!
      if (isSet(cell, timeMs)) current.push({ timeMs, cell })
      else if (cell.queuedAtMs === timeMs) cell.queuedAtMs = NOT_QUEUED
    }
    // What is sorted is a heap.
    current.sort((a, b) => a.timeMs - b.timeMs || (before(a.cell, b.cell) ? -1 : before(b.cell, a.cell) ? 1 : 0))
    this.#times = current.map(({ timeMs }) => timeMs)
    this.#cells = current.map(({ cell }) => cell)
  }

  /** The first timer that is due at `nowMs` or earlier, left in the queue; undefined when there is none. */
  due(nowMs: number): Cell | undefined {
    const times = this.#times
    const cells = this.#cells
    while (times.length > 0) {
      const timeMs = times[0]!
      const cell = cells[0]!
      if (!isSet(cell, timeMs)) {
        if (cell.queuedAtMs === timeMs) cell.queuedAtMs = NOT_QUEUED
        const lastMs = times.pop()!
        const last = cells.pop()!
        if (times.length > 0) this.#sink(lastMs, last)
      } else if (timeMs > nowMs) return undefined
      else if (timeMs === cell.wakeAtMs) return cell
      else {
        cell.queuedAtMs = cell.wakeAtMs
        this.#sink(cell.wakeAtMs, cell)
      }
    }
    return undefined
  }

  /** Puts an entry in the place of the first, and then where it belongs. */
  #sink(timeMs: number, cell: Cell): void {
    const times = this.#times
    const cells = this.#cells
    const length = times.length
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      let childMs = times[child]!
      if (child + 1 < length) {
        const otherMs = times[child + 1]!
        if (otherMs < childMs || (otherMs === childMs && before(cells[child + 1]!, cells[child]!))) {
          child++
          childMs = otherMs
        }
      }
      if (timeMs < childMs || (timeMs === childMs && !before(cells[child]!, cell))) break
      times[i] = childMs
      cells[i] = cells[child]!
      i = child
    }
    times[i] = timeMs
    cells[i] = cell
  }
}

/** False when the cell is gone, has no timer any more, or one in another place of the queue. */
const isSet = (cell: Cell, timeMs: number): boolean =>
  cell.queuedAtMs === timeMs && cell.alive && cell.wakeAtMs !== NO_WAKE

/** Of timers of the same time. */
function before(a: Cell, b: Cell): boolean {
  if (a === b) return false
  const aKey = a.owner.key
  const bKey = b.owner.key
  return aKey === bKey ? a.id < b.id : aKey < bKey
}
