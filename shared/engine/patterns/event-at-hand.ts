import type { Context } from '../machine.ts'
import type { Place } from '../place.ts'
import { behind, eventName, originOf, placeOf, TAKEN } from './event-name.ts'
import { keptValue, type Taken } from './kept-event.ts'

/** An event on its way through matchers. */
export interface PatternEvent {
  /** The time that counts for the pattern, epoch ms: event time, or in arrival order stream time at arrival. */
  readonly clockMs: number
  /** The event's own time, epoch ms. */
  readonly timeMs: number
  /** Where it came from. */
  readonly place: Place
  /** Conditions that hold for the event by itself. */
  readonly bits: number
  readonly value: unknown
  /** The cell that holds the event, if it is kept: behind those of all events that were looked at before. */
  readonly id: string
  /** Keeps the event, until `untilMs` at the latest; -1: until it is deleted. @throws MillraceError `CELL_TOO_LARGE` */
  keep(untilMs: number): void
}

/** An event whose time has come, in the cell in which it has waited: kept, it stays there. */
export class WaitedEvent implements PatternEvent {
  bits = 0
  isKept = false
  readonly id: string
  readonly clockMs: number
  readonly #c: Context<unknown>

  constructor(c: Context<unknown>, id: string, clockMs: number) {
    this.#c = c
    this.id = id
    this.clockMs = clockMs
  }
  get timeMs(): number {
    return this.clockMs
  }
  get offset(): number {
    return placeOf(this.id)
  }
  get place(): Place {
    return originOf(this.id)
  }
  get value(): unknown {
    return keptValue(this.#c.cells, this.id)
  }
  get waitedIn(): string {
    return this.id
  }
  keep(untilMs: number): void {
    if (this.isKept) return
    this.isKept = true
    if (untilMs >= 0) this.#c.cells.wake(this.id, untilMs)
  }
  /** To be called once the event was looked at. */
  letGo(): void {
    if (!this.isKept) this.#c.cells.delete(this.id)
  }
}

/** An event that has no cell, or had one in another place: kept, it gets one. */
export class LooseEvent implements PatternEvent {
  bits = 0
  isKept = false
  readonly clockMs: number
  readonly timeMs: number
  readonly offset: number
  readonly place: Place
  readonly value: unknown
  /** The cell in which it has waited, if it has. */
  readonly waitedIn: string
  readonly #small: boolean
  readonly #c: Context<unknown>
  #id: string | undefined

  /** @param small the value is plain JSON of bounded size, and may be stored by reference */
  constructor(
    c: Context<unknown>,
    clockMs: number,
    { timeMs, offset, place }: Pick<LooseEvent, 'timeMs' | 'offset' | 'place'>,
    value: unknown,
    small: boolean,
    waitedIn = '',
  ) {
    this.#c = c
    this.waitedIn = waitedIn
    this.clockMs = clockMs
    this.timeMs = timeMs
    this.offset = offset
    this.place = place
    this.value = value
    this.#small = small
  }
  get id(): string {
    this.#id ??= this.#freeId()
    return this.#id
  }
  keep(untilMs: number): void {
    if (this.isKept) return
    this.isKept = true
    const taken: Taken = [this.timeMs - this.clockMs, this.place, this.value]
    this.#c.cells[this.#small ? 'put' : 'putSized'](this.id, taken, untilMs)
  }

  letGo(): void {}

  /** By its offset, or right behind the last event of the same time: several come of one record, and some come late. */
  #freeId(): string {
    const { cells } = this.#c
    const id = TAKEN + eventName(this.clockMs, this.offset)
    const end = behind(TAKEN)
    if (!cells.has(id, end)) return id
    return TAKEN + eventName(this.clockMs, placeOf(cells.last(id, end)![0]) + 1)
  }
}
