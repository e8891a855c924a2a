import { decodeCellName, encodeCellName } from './cell-name.ts'
import { RESERVED } from './key.ts'
import type { KeyCells } from './key-cells.ts'
import { type Cell, NO_WAKE, type State } from './state.ts'

/** A cell whose timer failed. */
export interface ParkedCell {
  readonly key: string
  readonly id: string
  readonly text: string
  /** Of the timer. */
  readonly timeMs: number
}

/** What a parked cell takes beside key, id and text. */
const CELL_OVERHEAD_BYTES = 100

/**
 * Cells whose timers failed, put aside with their texts under a reserved key for each key, so that they can be put back,
 * once. A name tells them apart that says what the cell was called, when it was to wake, and where the partition stood.
 */
export class ParkedCells {
  readonly #state: State
  constructor(state: State) {
    this.#state = state
  }

  /** Rough size of all of them. */
  get bytes(): number {
    return (this.#sum.find('bytes')?.decoded() as number | undefined) ?? 0
  }

  /** @returns its name among those of its key */
  add({ key, id, text, timeMs }: ParkedCell, offset: number): string {
    const name = encodeCellName([id, timeMs, offset])
    this.#count(sizeOf(key, name, text))
    this.#state.putText(this.#state.ofKey(asideKey(key)), name, text, NO_WAKE)
    return name
  }

  find(key: string, name: string): ParkedCell | undefined {
    const cell = this.#state.ofKey(asideKey(key)).find(name)
    if (cell === undefined) return undefined
    const [id, timeMs] = decodeCellName(name) as unknown as [string, number]
    return { key, id, text: cell.encoded(), timeMs }
  }

  /** Nothing happens where there is none of that name. */
  remove(key: string, name: string): void {
    const cell = this.#state.ofKey(asideKey(key)).find(name)
    if (cell !== undefined) this.#drop(key, cell)
  }

  /** Gives all of a key up, `most` at most. @returns how many that were */
  forget(key: string, most: number): number {
    const cells = this.#state.ofKey(asideKey(key)).range('').slice(0, most)
    for (const cell of cells) this.#drop(key, cell)
    return cells.length
  }

  #drop(key: string, cell: Cell): void {
    this.#count(-sizeOf(key, cell.id, cell.encoded()))
    this.#state.delete(cell)
  }

  #count(bytes: number): void {
    const sum = this.bytes + bytes
    if (sum > 0) this.#state.put(this.#sum, 'bytes', sum, NO_WAKE)
    else this.#state.delete(this.#sum.find('bytes')!)
  }

  get #sum(): KeyCells {
    return this.#state.ofKey(`${RESERVED}cells`)
  }
}

/** Under which state keeps the parked cells of a key. */
export const asideKey = (key: string): string => `${RESERVED}cells/${key}`

const sizeOf = (key: string, name: string, text: string): number =>
  key.length + name.length + text.length + CELL_OVERHEAD_BYTES
