import { decodeNumber, encodeCellName, encodeNumber } from './cell-name.ts'
import type { Holes } from './holes.ts'
import { RESERVED } from './key.ts'
import type { KeyCells } from './key-cells.ts'
import { type Cell, NO_WAKE, type State } from './state.ts'

/** Why a record of a held key is parked: for what it is, or only because one before it is. */
const ITSELF = 0
const BEHIND = 1

/**
 * Of each key with parked records their offsets, in order: while there are any, the key is held, and what comes later
 * waits behind them. Kept in cells, one by key and one by offset, so that they change with the state that the records are
 * missing from.
 */
export class ParkedKeys {
  readonly #state: State
  readonly #holes: Holes
  constructor(state: State, holes: Holes) {
    this.#state = state
    this.#holes = holes
  }

  /** Number of parked records whose keys are held. */
  get size(): number {
    return this.#byKey.size
  }

  /** Number of parked records of the key. */
  count(address: string): number {
    return this.#byKey.count(startOf(address), endOf(address))
  }

  /** Offset of the key's first parked record; undefined when the key is free. */
  first(address: string): number | undefined {
    for (;;) {
      const cell = this.#byKey.firstFrom(startOf(address))
      if (cell === undefined || cell.id >= endOf(address)) return undefined
      const offset = offsetIn(cell)
      if (this.#holes.has(offset)) return offset
      this.#drop(offset, cell)
    }
  }

  /**
   * How many of its key are parked behind this record; none for one that holds no key, and undefined where the record
   * itself waits behind another.
   */
  behind(offset: number): number | undefined {
    const cell = this.#byOffset.find(encodeNumber(offset))
    if (cell === undefined) return 0
    const address = cell.decoded() as string
    return this.first(address) === offset ? this.count(address) - 1 : undefined
  }

  /** `behind`: it is parked only because others of its key are. */
  add(address: string, offset: number, behind: boolean): void {
    this.#state.put(this.#byKey, encodeCellName([address, offset]), behind ? BEHIND : ITSELF, NO_WAKE)
    this.#state.put(this.#byOffset, encodeNumber(offset), address, NO_WAKE)
  }

  /** Nothing happens for a record that holds no key. */
  remove(offset: number): void {
    const address = this.#byOffset.find(encodeNumber(offset))?.decoded() as string | undefined
    const held = address === undefined ? undefined : this.#byKey.find(encodeCellName([address, offset]))
    if (held !== undefined) this.#drop(offset, held)
  }

  /** Also where code that knows nothing of held keys has filled the hole. */
  #drop(offset: number, held: Cell): void {
    const cell = this.#byOffset.find(encodeNumber(offset))
    this.#state.delete(held)
    if (cell !== undefined) this.#state.delete(cell)
  }

  /** Lets a key go. @returns the offsets that were parked of it, `most` at most */
  free(address: string, most: number): number[] {
    const offsets = this.#byKey.range(startOf(address), endOf(address)).slice(0, most).map(offsetIn)
    for (const offset of offsets) this.remove(offset)
    return offsets
  }

  /**
   * What only waited and waits for nothing any more: of each key whose first parked record is one that came behind another,
   * that one and those after it, up to the next that was parked for itself. In the order of offsets, `most` at most.
   * `but`: keys whose first offset is one of these are passed over.
   */
  freed(most: number, but: ReadonlySet<number>): number[] {
    const offsets: number[] = []
    let key: string | undefined
    let isFree = false
    for (const cell of this.#byKey.range('')) {
      const offset = offsetIn(cell)
      if (!this.#holes.has(offset)) {
        this.#drop(offset, cell)
        continue
      }
      const own = cell.id.slice(0, cell.id.lastIndexOf(OFFSET_MARK))
      const isFirst = own !== key
      key = own
      isFree = cell.decoded() === BEHIND && (isFirst ? !but.has(offset) : isFree)
      if (isFree) offsets.push(offset)
      if (offsets.length === most) break
    }
    return offsets.sort((a, b) => a - b)
  }

  get #byKey(): KeyCells {
    return this.#state.ofKey(`${RESERVED}parked`)
  }
  get #byOffset(): KeyCells {
    return this.#state.ofKey(`${RESERVED}parked-at`)
  }
}

/** Stands before a number in a cell's name; a text in it never holds one. */
const OFFSET_MARK = '\u0001'
const startOf = (address: string): string => encodeCellName([address]) + OFFSET_MARK
const endOf = (address: string): string => `${encodeCellName([address])}\u0002`
const offsetIn = ({ id }: Cell): number => decodeNumber(id.slice(id.lastIndexOf(OFFSET_MARK) + 1))
