import { type Cell, NO_WAKE } from './state.ts'

/** A cell's place in the queue: at the time its timer is set to, or earlier. */
export interface TimerEntry {
  atMs: number
  readonly cell: Cell
}

/**
 * Timers by (time, key, cell), a binary heap. A timer that moves to later keeps its entry, which moves on when it comes
 * up: sessions move theirs with every record. One that moves to earlier gets another, and the old one is skipped.
 */
export class TimerQueue {
  #heap: TimerEntry[] = []

  /** Number of entries, those out of date included. */
  get size(): number {
    return this.#heap.length
  }

  /** The cell's timer was set, to `cell.wakeAtMs`. */
  set(cell: Cell): void {
    if (cell.timer !== undefined && cell.timer.atMs <= cell.wakeAtMs) return
    const entry = { atMs: cell.wakeAtMs, cell }
    cell.timer = entry
    const heap = this.#heap
    let i = heap.length
    heap.push(entry)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = entry
  }

  /** Forgets the entries that are out of date. */
  compact(): void {
    const current: TimerEntry[] = []
    for (const entry of this.#heap) {
      if (isSet(entry)) current.push(entry)
      else if (entry.cell.timer === entry) entry.cell.timer = undefined
    }
    // What is sorted is a heap.
    this.#heap = current.sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0))
  }

  /** The first timer that is due at `nowMs` or earlier, left in the queue; undefined when there is none. */
  due(nowMs: number): Cell | undefined {
    const heap = this.#heap
    while (heap.length > 0) {
      const first = heap[0]!
      const { atMs, cell } = first
      if (!isSet(first)) {
        if (cell.timer === first) cell.timer = undefined
        const last = heap.pop()!
        if (heap.length > 0) this.#sink(last)
      } else if (atMs > nowMs) return undefined
      else if (atMs === cell.wakeAtMs) return cell
      else {
        first.atMs = cell.wakeAtMs
        this.#sink(first)
      }
    }
    return undefined
  }

  /** Puts an entry in the place of the first, and then where it belongs. */
  #sink(entry: TimerEntry): void {
    const heap = this.#heap
    const length = heap.length
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, entry)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = entry
  }
}

/** False when the cell is gone, has no timer any more, or one in another place of the queue. */
const isSet = (entry: TimerEntry): boolean => {
  const { cell } = entry
  return cell.timer === entry && cell.alive && cell.wakeAtMs !== NO_WAKE
}

function before(a: TimerEntry, b: TimerEntry): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs
  if (a.cell === b.cell) return false
  const aKey = a.cell.owner.key
  const bKey = b.cell.owner.key
  if (aKey !== bKey) return aKey < bKey
  return a.cell.id < b.cell.id
}
