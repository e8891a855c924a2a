import { encodeNumber } from '../cell-name.ts'
import type { CellStore, Context } from '../machine.ts'
import type { Compiled } from './compile.ts'
import type { PatternEvent } from './event-at-hand.ts'
import { behind, clockOf } from './event-name.ts'
import { type Keeping, keptUntil } from './matcher.ts'

/**
 * What cannot be told from the events that are kept; '' where there is nothing to tell.
 * `from`: those before it are out of use, and still to be deleted. `closed`: a match with each event up to it as its last
 * loop event is out already (no skip only). `starts`: of a pattern that drains, only events before it start a match.
 */
type Head = readonly [from: string, closed: string, starts: string]

const HEAD = 'h'
/** Where events are shared: an empty cell for each that is in the line. */
const OWN = 't'
const NO_HEAD: Head = ['', '', '']

/**
 * The loop events of a key that are kept: their cells, in the order in which they were looked at. Each goes by a timer of
 * its own when its window is over.
 */
export class Line<Out> {
  #c!: Context<Out>
  #cells!: CellStore
  readonly #keeping: Keeping
  readonly #prefix: string
  readonly #withinMs: number | undefined
  readonly #lagMs: number
  readonly #deletesMax: number
  #deletes = 0

  constructor({ withinMs, lagMs, bounds }: Compiled, keeping: Keeping) {
    this.#keeping = keeping
    this.#prefix = keeping.shared ? OWN : keeping.events
    this.#withinMs = withinMs
    this.#lagMs = lagMs
    this.#deletesMax = bounds.deletesMax
  }

  /** Points it at the event at hand. */
  of(c: Context<Out>): this {
    this.#c = c
    this.#cells = c.cells
    this.#deletes = this.#deletesMax
    return this
  }

  /** True for the cell of an event in the line; otherwise it is the head's. */
  holds(id: string): boolean {
    return id.startsWith(this.#prefix)
  }

  /** The cell that holds the event which cell `id` of the line stands for. */
  eventOf(id: string): string {
    return this.#keeping.shared ? this.#keeping.events + id.slice(1) : id
  }

  append(event: PatternEvent): void {
    event.keep(keptUntil(event.clockMs, this.#keeping))
    if (this.#keeping.shared) this.#cells.put(OWN + event.id.slice(1), 0, this.#endsMs(event.clockMs))
  }

  /** How many events before `event` a match with it can hold. */
  countBefore(event: PatternEvent): number {
    return this.#cells.count(this.#firstFor(event.clockMs), this.#upTo(event))
  }

  /** Those events, in their order. */
  before(event: PatternEvent): readonly string[] {
    return this.#cells.ids(this.#firstFor(event.clockMs), this.#upTo(event))
  }

  /** How many events there are before `event`. */
  countUpTo(event: PatternEvent): number {
    return this.#cells.count(this.#alive(), this.#upTo(event))
  }

  /** How many there are, `event` included, which was appended. */
  countWith(event: PatternEvent): number {
    return this.#cells.count(this.#alive(), behind(this.#upTo(event)))
  }

  /** The events from `id` on, `max` at the most, before time `endMs`. */
  from(id: string, endMs: number, max: number): readonly string[] {
    return this.#cells.ids(id, this.#prefix + encodeNumber(endMs), max)
  }

  /** True when the event in cell `id` is in use, and may begin a match. */
  mayStart(id: string): boolean {
    const [from, , starts] = this.#head()
    return id >= from && (starts === '' || id < starts)
  }

  /** How many of `ids` may begin a match: the first ones. */
  startsAmong(ids: readonly string[]): number {
    const [, , starts] = this.#head()
    return starts === '' ? ids.length : ids.filter((id) => id < starts).length
  }

  /** Of a pattern that drains: whether anything is left of what was begun before it did. */
  hasStarts(event: PatternEvent): boolean {
    const [from, closed, known] = this.#head()
    const starts = known === '' ? this.#upTo(event) : known
    if (!this.#hasBefore(behind(this.#prefix))) return false
    if (known === '') this.#write([from, closed, starts])
    return this.#cells.has(this.#firstFor(event.clockMs), starts)
  }

  /** How many of `ids` have been the last loop event of a match. */
  closedAmong(ids: readonly string[]): number {
    const [, closed] = this.#head()
    return closed === '' ? 0 : ids.filter((id) => id <= closed).length
  }

  /** All of `ids` have been that. */
  close(ids: readonly string[]): void {
    const [from, , starts] = this.#head()
    this.#write([from, ids.at(-1)!, starts])
  }

  /** Ends the partial matches that begin with the first `count` events of the line. */
  discard(count: number, ids: readonly string[] = this.#cells.ids(this.#alive(), behind(this.#prefix), count)): void {
    if (count === 0) return
    const deleted = Math.min(count, this.#deletes)
    for (let i = 0; i < deleted; i++) this.#cells.delete(ids[i]!)
    this.#deletes -= deleted
    const [, closed, starts] = this.#head()
    if (deleted < count) this.#write([ids[count] ?? behind(ids[count - 1]!), closed, starts])
    else if (this.#cells.get(HEAD) !== undefined) this.collect()
  }

  /** Deletes what is out of use, as much as one event may; the head's timer sees to the rest. */
  collect(): void {
    const [from, closed, starts] = this.#head()
    const garbage = from === '' ? [] : this.#cells.ids(this.#prefix, from, this.#deletes)
    for (const id of garbage) this.#cells.delete(id)
    this.#deletes -= garbage.length
    const isDone = from === '' || !this.#cells.has(this.#prefix, from)
    this.#write([isDone ? '' : from, closed, starts])
  }

  /** Writes the head, or deletes it once it tells of nothing that is there. */
  #write([from, closed, starts]: Head): void {
    const head: Head = [from, closed !== '' && this.#hasBefore(behind(closed)) ? closed : '', starts]
    if (head.every((part) => part === '') || (starts !== '' && !this.#hasBefore(behind(this.#prefix))))
      this.#cells.delete(HEAD)
    else this.#cells.put(HEAD, head, from !== '' ? this.#c.streamTimeMs : this.#headEndsMs(head))
  }

  /** When the last event that the head is about has gone. */
  #headEndsMs([, closed, starts]: Head): number {
    if (this.#withinMs === undefined) return -1
    const last = starts === '' ? closed : this.#cells.last(this.#prefix, behind(this.#prefix))![0]
    return this.#endsMs(clockOf(last)) + 1
  }

  #head(): Head {
    const head = this.#cells.get(HEAD) as Head | undefined
    if (head === undefined) return NO_HEAD
    return this.#keeping.drains ? head : [head[0], head[1], '']
  }

  #hasBefore(to: string): boolean {
    return this.#cells.has(this.#prefix, to)
  }

  #alive(): string {
    const [from] = this.#head()
    return from === '' ? this.#prefix : from
  }

  /** The first event that is less than the window before `clockMs`. */
  #firstFor(clockMs: number): string {
    const alive = this.#alive()
    if (this.#withinMs === undefined) return alive
    const first = this.#prefix + encodeNumber(clockMs - this.#withinMs + 1)
    return first > alive ? first : alive
  }

  #upTo(event: PatternEvent): string {
    return this.#prefix + event.id.slice(1)
  }

  #endsMs(clockMs: number): number {
    return this.#withinMs === undefined ? -1 : clockMs + this.#withinMs + this.#lagMs
  }
}
