import type { Cell } from './state.ts'

/**
 * Which cells stand in which bucket of the journal, kept up as cells come: writing one bucket must not look at the cells
 * of all. A cell is placed when a bucket is next asked for, so that those that are gone by then are never hashed.
 */
export class CellBuckets {
  #buckets: Cell[][] = []
  #unplaced: Cell[] = []

  /** The cell has come, or come back. */
  add(cell: Cell): void {
    if (cell.inBuckets) return
    cell.inBuckets = true
    this.#unplaced.push(cell)
  }

  /** The cells that bucket `index` of `buckets` holds, in the order in which they came; `buckets` is a power of two. */
  of(index: number, buckets: number): readonly Cell[] {
    if (buckets !== this.#buckets.length) {
      this.#unplaced = this.#buckets.flat().concat(this.#unplaced)
      this.#buckets = Array.from({ length: buckets }, () => [])
    }
    for (const cell of living(this.#unplaced)) this.#buckets[cell.hash & (buckets - 1)]!.push(cell)
    this.#unplaced = []
    const cells = living(this.#buckets[index]!)
    this.#buckets[index] = cells
    return cells
  }
}

function living(cells: readonly Cell[]): Cell[] {
  return cells.filter((cell) => {
    if (!cell.alive) cell.inBuckets = false
    return cell.alive
  })
}
