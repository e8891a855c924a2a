import type { Cell } from './state.ts'

/** Cells per chunk at the most: an insert or a removal moves no more than these. */
const CHUNK_CELLS_MAX = 512

/** The cells of one key, ordered by id: in chunks, so that a key with 100,000 of them costs hardly more than one with ten. */
export class KeyCells {
  readonly key: string
  /** Number of cells. */
  size = 0
  // Most keys have one cell: it stands here, and chunks are made for the second. Making them for each key cost a third.
  #only: Cell | undefined = undefined
  // None of them is empty.
  #chunks: Cell[][] | undefined = undefined

  constructor(key: string) {
    this.key = key
  }

  find(id: string): Cell | undefined {
    const chunks = this.#chunks
    if (chunks === undefined) return this.#only !== undefined && this.#only.id === id ? this.#only : undefined
    const chunk = chunks[chunkOf(chunks, id)]!
    const last = chunk[chunk.length - 1]
    if (last === undefined || last.id === id) return last
    const cell = chunk[indexIn(chunk, id)]
    return cell !== undefined && cell.id === id ? cell : undefined
  }

  /** Adds a cell whose id is not there yet. */
  insert(cell: Cell): void {
    this.size++
    if (this.#chunks === undefined) {
      const only = this.#only
      this.#only = only === undefined ? cell : undefined
      if (only !== undefined) this.#chunks = [only.id < cell.id ? [only, cell] : [cell, only]]
      return
    }
    this.#insertInto(this.#chunks, cell)
  }

  #insertInto(chunks: Cell[][], cell: Cell): void {
    const at = chunkOf(chunks, cell.id)
    const chunk = chunks[at]!
    const index = indexIn(chunk, cell.id)
    if (index === chunk.length) chunk.push(cell)
    else chunk.splice(index, 0, cell)
    if (chunk.length <= CHUNK_CELLS_MAX) return
    // New cells mostly come last (waiting events, windows): a full chunk is then left full behind them.
    const cut = index === chunk.length - 1 ? CHUNK_CELLS_MAX : CHUNK_CELLS_MAX / 2
    chunks.splice(at + 1, 0, chunk.splice(cut))
  }

  remove(cell: Cell): void {
    this.size--
    const chunks = this.#chunks
    if (chunks === undefined) {
      this.#only = undefined
      return
    }
    const at = chunkOf(chunks, cell.id)
    const chunk = chunks[at]!
    chunk.splice(indexIn(chunk, cell.id), 1)
    if (chunk.length === 0) chunks.splice(at, 1)
    if (chunks.length === 0) this.#chunks = undefined
  }

  /** The first cell with from <= id. */
  firstFrom(from: string): Cell | undefined {
    const chunks = this.#chunks
    if (chunks === undefined) return this.#only !== undefined && this.#only.id >= from ? this.#only : undefined
    const at = chunkOf(chunks, from)
    const chunk = chunks[at]!
    return chunk[indexIn(chunk, from)] ?? chunks[at + 1]?.[0]
  }

  /** The last cell with id < to. */
  lastBelow(to: string): Cell | undefined {
    const chunks = this.#chunks
    if (chunks === undefined) return this.#only !== undefined && this.#only.id < to ? this.#only : undefined
    const at = chunkOf(chunks, to)
    const chunk = chunks[at]!
    return chunk[indexIn(chunk, to) - 1] ?? chunks[at - 1]?.at(-1)
  }

  /** How many cells there are with from <= id < to; costs hardly more for many. */
  count(from: string, to: string): number {
    const chunks = this.#chunks
    if (chunks === undefined) return this.range(from, to).length
    const [first, last] = [chunkOf(chunks, from), chunkOf(chunks, to)]
    let count = indexIn(chunks[last]!, to) - indexIn(chunks[first]!, from)
    for (let at = first; at < last; at++) count += chunks[at]!.length
    return count
  }

  /** The cells with from <= id < to, in order, `max` at the most; to undefined: all that follow. */
  range(from: string, to?: string, max = Number.POSITIVE_INFINITY): Cell[] {
    const chunks = this.#chunks
    const only = this.#only
    if (chunks === undefined)
      return only !== undefined && only.id >= from && (to === undefined || only.id < to) ? [only] : []
    const found: Cell[] = []
    let at = chunkOf(chunks, from)
    for (let index = indexIn(chunks[at]!, from); at < chunks.length; at++, index = 0) {
      const chunk = chunks[at]!
      for (; index < chunk.length; index++) {
        const cell = chunk[index]!
        if (found.length === max || (to !== undefined && cell.id >= to)) return found
        found.push(cell)
      }
    }
    return found
  }
}

/** Index of the chunk that holds `id`, or would. */
function chunkOf(chunks: readonly (readonly Cell[])[], id: string): number {
  let high = chunks.length - 1
  if (high === 0 || chunks[high]![0]!.id <= id) return high
  let low = 0
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (chunks[middle]![0]!.id <= id) low = middle
    else high = middle - 1
  }
  return low
}

/** Index of `id` in the chunk, or of the first cell after it. */
function indexIn(chunk: readonly Cell[], id: string): number {
  let high = chunk.length
  if (high === 0 || chunk[high - 1]!.id < id) return high
  let low = 0
  while (low < high) {
    const middle = (low + high) >> 1
    if (chunk[middle]!.id < id) low = middle + 1
    else high = middle
  }
  return low
}
