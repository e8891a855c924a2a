import { CellBuckets } from './cell-buckets.ts'
import { cellHash } from './hash.ts'
import { RESERVED } from './key.ts'
import { KeyCells } from './key-cells.ts'
import { NOT_QUEUED, TimerQueue } from './timer-queue.ts'

/** No timer. */
export const NO_WAKE = -1
const UNDECODED = Symbol('undecoded')
/** Entries of the timer queue that may be out of date before they are cleared away, apart from one per open timer. */
const STALE_TIMERS_MAX = 1_024

/**
 * One piece of state: JSON text, and while a commit is being folded perhaps its decoded value.
 * Between commits only the text is kept, so that warm state and reloaded state are the same thing.
 */
export class Cell {
  readonly owner: KeyCells
  readonly id: string
  text: string | undefined
  value: unknown = UNDECODED
  wakeAtMs: number
  alive = true
  /** As it was when the running commit first touched it; undefined while untouched. */
  before: Version | undefined = undefined
  /** The time at which it stands in the timer queue: that of its timer, or an earlier one. */
  queuedAtMs = NOT_QUEUED
  /** Where the event log has it, if the running event has touched it. */
  logIndex = 0
  /** {@link CellBuckets} knows of it. */
  inBuckets = false

  constructor(owner: KeyCells, id: string, text: string | undefined, wakeAtMs: number) {
    this.owner = owner
    this.id = id
    this.text = text
    this.wakeAtMs = wakeAtMs
  }

  get key(): string {
    return this.owner.key
  }

  /** Only bucket rewrites ask for it: made when asked for. */
  get hash(): number {
    return cellHash(this.owner.key, this.id)
  }

  /** True when of an encoded cell nothing but the timer has changed in the running commit. */
  get same(): boolean {
    return this.before?.alive === true && this.alive && this.text === this.before.text
  }

  decoded(): unknown {
    if (this.value === UNDECODED) this.value = JSON.parse(this.text!)
    return this.value
  }

  encoded(): string {
    if (this.text === undefined) this.text = JSON.stringify(this.value)
    return this.text
  }
}

interface Version {
  readonly text: string | undefined
  readonly value: unknown
  readonly wakeAtMs: number
  readonly alive: boolean
}

const ABSENT: Version = { text: undefined, value: UNDECODED, wakeAtMs: NO_WAKE, alive: false }

/** A cell as it goes into commits and buckets. `text` undefined: deleted, or nothing but the timer is told. */
export interface CellChange {
  readonly key: string
  readonly id: string
  readonly wakeAtMs: number
  readonly text: string | undefined
  /** The text is the one that the cell had before. */
  readonly same?: boolean
}

/**
 * All cells of one partition with their timers, and two undo logs: one for the running event, one for the running commit.
 * Every change is undone as if it had never been: {@link undoEvent} when an event fails, {@link undoCommit} when its
 * commit is too large or loses against another.
 */
export class State {
  readonly #keys = new Map<string, KeyCells>()
  readonly #timers = new TimerQueue()
  readonly #buckets = new CellBuckets()
  // One entry of the event log is the same index in both; kept between events, so that logging allocates nothing.
  readonly #logged: Cell[] = []
  readonly #loggedVersions: Version[] = []
  #logLength = 0
  #touched: Cell[] = []
  /** Keys without cells when they were first asked for; most of a filter's keys stay so. */
  #asked: KeyCells[] = []
  #size = 0
  #userKeys = 0
  #userCells = 0
  #openTimers = 0

  /** Number of cells. */
  get size(): number {
    return this.#size
  }
  /** Number of keys held. */
  get keys(): number {
    return this.#keys.size
  }
  /** Number of keys with cells, without the engine's own: the same however commits are cut, and after a reload. */
  get userKeys(): number {
    return this.#userKeys
  }
  /** Number of cells of these keys. */
  get userCells(): number {
    return this.#userCells
  }
  get openTimers(): number {
    return this.#openTimers
  }
  /** Entries of the timer queue, those out of date included. */
  get queuedTimers(): number {
    return this.#timers.size
  }
  /** Number of cells that the running commit has touched. */
  get touchedCells(): number {
    return this.#touched.length
  }

  /** The cells of a key; kept while empty until the commit is confirmed or undone. */
  ofKey(key: string): KeyCells {
    let owner = this.#keys.get(key)
    if (owner === undefined) {
      owner = new KeyCells(key)
      this.#keys.set(key, owner)
      this.#asked.push(owner)
    }
    return owner
  }

  put(owner: KeyCells, id: string, value: unknown, wakeAtMs: number): void {
    this.#write(owner, id, undefined, value, wakeAtMs)
  }

  putText(owner: KeyCells, id: string, text: string, wakeAtMs: number): void {
    this.#write(owner, id, text, UNDECODED, wakeAtMs)
  }

  delete(cell: Cell): void {
    if (!cell.alive) return
    this.#remember(cell)
    this.#setWake(cell, NO_WAKE)
    this.#detach(cell)
    cell.text = undefined
    cell.value = UNDECODED
  }

  /** Sets or clears the timer and leaves the value alone. */
  wake(cell: Cell, wakeAtMs: number): void {
    this.#remember(cell)
    this.#setWake(cell, wakeAtMs)
  }

  /** The cell whose timer is due first, in the order (time, key, cell). */
  due(nowMs: number): Cell | undefined {
    return this.#timers.due(nowMs)
  }

  /** When the next timer is due; undefined without one. */
  nextTimerMs(): number | undefined {
    return this.#timers.due(Number.POSITIVE_INFINITY)?.wakeAtMs
  }

  beginEvent(): void {
    this.#logLength = 0
  }

  undoEvent(): void {
    for (let i = this.#logLength - 1; i >= 0; i--) this.#restore(this.#logged[i]!, this.#loggedVersions[i]!)
    this.#logLength = 0
  }

  /** Decodes the cells of a key anew when they are next read: a failed event may have changed their values in place. */
  forgetDecoded(owner: KeyCells): void {
    for (const cell of owner.range('')) if (cell.text !== undefined) cell.value = UNDECODED
  }

  /**
   * What the running commit changed, in the order of first touch; cells that came and went within it are left out.
   * They are the cells themselves: read them before the next event.
   */
  changes(): readonly CellChange[] {
    const changes: Cell[] = []
    for (const cell of this.#touched) {
      if (cell.alive) cell.encoded()
      else if (!cell.before!.alive) continue
      changes.push(cell)
    }
    return changes
  }

  /** The commit is confirmed: what was folded is the state. */
  confirmCommit(): void {
    for (const cell of this.#touched) {
      cell.before = undefined
      if (cell.alive) cell.encoded()
      cell.value = UNDECODED
      this.#dropIfEmpty(cell.owner)
    }
    this.#endCommit()
  }

  /** The state as of the last confirmed commit. */
  undoCommit(): void {
    for (let i = this.#touched.length - 1; i >= 0; i--) {
      const cell = this.#touched[i]!
      this.#restore(cell, cell.before!)
      cell.before = undefined
      cell.value = UNDECODED
    }
    this.#endCommit()
  }

  #endCommit(): void {
    for (const owner of this.#asked) this.#dropIfEmpty(owner)
    this.#asked = []
    this.#touched = []
    this.#logLength = 0
  }

  /** What was read from the journal since may stand under the same key in cells of its own. */
  #dropIfEmpty(owner: KeyCells): void {
    if (owner.size === 0 && this.#keys.get(owner.key) === owner) this.#keys.delete(owner.key)
  }

  /** Puts a cell as read from the journal; not part of any commit. */
  load(change: CellChange): void {
    const owner = this.#keys.get(change.key) ?? new KeyCells(change.key)
    const found = owner.find(change.id)
    if (change.same === true) {
      // Not there: what is known is later than the change already, and knows the cell as deleted.
      if (found !== undefined) this.#setWake(found, change.wakeAtMs)
      return
    }
    if (change.text === undefined) {
      if (found !== undefined) {
        this.#setWake(found, NO_WAKE)
        this.#detach(found)
      }
      if (owner.size === 0) this.#keys.delete(change.key)
      return
    }
    const cell = found ?? new Cell(owner, change.id, undefined, NO_WAKE)
    if (found === undefined) this.#attach(cell)
    cell.text = change.text
    cell.value = UNDECODED
    this.#setWake(cell, change.wakeAtMs)
  }

  /** The cells that bucket `index` of `buckets` holds; `buckets` is a power of two. */
  bucket(index: number, buckets: number): readonly Cell[] {
    return this.#buckets.of(index, buckets)
  }

  *cells(): Generator<Cell> {
    for (const owner of this.#keys.values()) yield* owner.range('')
  }

  #write(owner: KeyCells, id: string, text: string | undefined, value: unknown, wakeAtMs: number): void {
    let cell = owner.find(id)
    if (cell !== undefined) this.#remember(cell)
    else {
      // The key may have been dropped from the map while its cells came and went.
      if (owner.size === 0) this.#keys.set(owner.key, owner)
      cell = new Cell(owner, id, undefined, NO_WAKE)
      cell.before = ABSENT
      this.#touched.push(cell)
      this.#log(cell, ABSENT)
      this.#insert(cell)
    }
    cell.text = text
    cell.value = value
    if (cell.wakeAtMs !== wakeAtMs) this.#setWake(cell, wakeAtMs)
  }

  /** What a cell was before the event, and before the commit: only the first touch in each needs to be known. */
  #remember(cell: Cell): void {
    if (cell.logIndex < this.#logLength && this.#logged[cell.logIndex] === cell) return
    const version: Version = { text: cell.text, value: cell.value, wakeAtMs: cell.wakeAtMs, alive: cell.alive }
    if (cell.before === undefined) {
      cell.before = version
      this.#touched.push(cell)
    }
    this.#log(cell, version)
  }

  #log(cell: Cell, version: Version): void {
    cell.logIndex = this.#logLength
    this.#logged[this.#logLength] = cell
    this.#loggedVersions[this.#logLength++] = version
  }

  #restore(cell: Cell, version: Version): void {
    if (version.alive && !cell.alive) this.#attach(cell)
    if (!version.alive && cell.alive) this.#detach(cell)
    cell.text = version.text
    cell.value = version.value
    this.#setWake(cell, version.wakeAtMs)
  }

  #setWake(cell: Cell, wakeAtMs: number): void {
    if (cell.wakeAtMs === wakeAtMs) return
    this.#openTimers += (wakeAtMs === NO_WAKE ? 0 : 1) - (cell.wakeAtMs === NO_WAKE ? 0 : 1)
    cell.wakeAtMs = wakeAtMs
    if (wakeAtMs === NO_WAKE) return
    this.#timers.set(cell)
    if (this.#timers.size > 2 * this.#openTimers + STALE_TIMERS_MAX) this.#timers.compact()
  }

  #attach(cell: Cell): void {
    const owner = cell.owner
    if (owner.size === 0) this.#keys.set(owner.key, owner)
    this.#insert(cell)
    cell.alive = true
  }

  #insert(cell: Cell): void {
    const { owner } = cell
    owner.insert(cell)
    this.#buckets.add(cell)
    this.#size++
    if (owner.key.startsWith(RESERVED)) return
    this.#userCells++
    if (owner.size === 1) this.#userKeys++
  }

  #detach(cell: Cell): void {
    const { owner } = cell
    owner.remove(cell)
    cell.alive = false
    this.#size--
    if (owner.key.startsWith(RESERVED)) return
    this.#userCells--
    if (owner.size === 0) this.#userKeys--
  }
}
