import type { Cell } from './state.ts'

interface Entry {
  readonly atMs: number
  readonly cell: Cell
}

/**
 * Timers by (time, key, cell), a binary heap. An entry is valid while its cell lives and still wakes at that time:
 * moving or clearing a timer leaves the old entry behind, to be skipped when it comes up.
 */
export class TimerQueue {
  #heap: Entry[] = []

  /** Number of entries, valid or not. */
  get size(): number {
    return this.#heap.length
  }

  add(cell: Cell): void {
    const heap = this.#heap
    const entry = { atMs: cell.wakeAtMs, cell }
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

  /** Forgets the entries that are no longer valid, and doubles. */
  compact(): void {
    const valid = this.#heap.filter(({ atMs, cell }) => cell.alive && cell.wakeAtMs === atMs)
    // What is sorted is a heap.
    valid.sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0))
    this.#heap = valid.filter(({ cell }, i) => i === 0 || valid[i - 1]!.cell !== cell)
  }

  /** The first timer that is due at `nowMs` or earlier, left in the queue; undefined when there is none. */
  due(nowMs: number): Cell | undefined {
    const heap = this.#heap
    while (heap.length > 0) {
      const { atMs, cell } = heap[0]!
      if (cell.alive && cell.wakeAtMs === atMs) return atMs <= nowMs ? cell : undefined
      this.#pop()
    }
    return undefined
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    const length = heap.length
    if (length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
  }
}

function before(a: Entry, b: Entry): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs
  if (a.cell === b.cell) return false
  const aKey = a.cell.owner.key
  const bKey = b.cell.owner.key
  if (aKey !== bKey) return aKey < bKey
  return a.cell.id < b.cell.id
}
