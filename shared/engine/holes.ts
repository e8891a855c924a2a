import { encodeNumber } from './cell-name.ts'
import { RESERVED } from './key.ts'
import { NO_WAKE, type State } from './state.ts'

/** Offsets per cell: a cell of the worst case, every other offset, is about 80 KB of text, which compresses to a few. */
const BLOCK_OFFSETS = 16_384

/** Parked offsets of one block, ascending: the first of a run, how many follow each other, the first of the next run … */
type Runs = readonly number[]

/**
 * The offsets of a partition that were parked: what a redrive may apply, once. Kept in cells, so that they change with the
 * state that the records are missing from; as runs, so that a million in a row cost no more than 62 cells.
 */
export class Holes {
  readonly #state: State
  constructor(state: State) {
    this.#state = state
  }

  has(offset: number): boolean {
    const runs = this.#runs(blockOf(offset))
    const at = offset % BLOCK_OFFSETS
    for (let i = 0; i < runs.length; i += 2) if (at >= runs[i]! && at < runs[i]! + runs[i + 1]!) return true
    return false
  }

  /** `offset` must be above all that were added. */
  add(offset: number): void {
    const block = blockOf(offset)
    const runs = this.#runs(block)
    const at = offset % BLOCK_OFFSETS
    const last = runs.length - 2
    const next =
      last >= 0 && runs[last]! + runs[last + 1]! === at ? runs.with(last + 1, runs[last + 1]! + 1) : runs.concat(at, 1)
    this.#state.put(this.#state.ofKey(`${RESERVED}holes`), encodeNumber(block), next, NO_WAKE)
  }

  /** Fills the hole, which must be there: the record is applied now, or given up for good. */
  remove(offset: number): void {
    const block = blockOf(offset)
    const at = offset % BLOCK_OFFSETS
    const next: number[] = []
    const runs = this.#runs(block)
    for (let i = 0; i < runs.length; i += 2) {
      const [first, count] = [runs[i]!, runs[i + 1]!]
      if (at < first || at >= first + count) next.push(first, count)
      else {
        if (at > first) next.push(first, at - first)
        if (at + 1 < first + count) next.push(at + 1, first + count - at - 1)
      }
    }
    const owner = this.#state.ofKey(`${RESERVED}holes`)
    if (next.length > 0) this.#state.put(owner, encodeNumber(block), next, NO_WAKE)
    else this.#state.delete(owner.find(encodeNumber(block))!)
  }

  #runs(block: number): Runs {
    const cell = this.#state.ofKey(`${RESERVED}holes`).find(encodeNumber(block))
    return cell === undefined ? [] : (cell.decoded() as Runs)
  }
}

const blockOf = (offset: number): number => Math.floor(offset / BLOCK_OFFSETS)
