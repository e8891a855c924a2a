import { decodeNumber, encodeNumber, endOfNumber } from '../cell-name.ts'
import type { CellStore } from '../machine.ts'
import { defaultBounds } from '../patterns/limits.ts'
import type { Place } from '../place.ts'

/** An event of the key, in its place in time. */
export interface PlacedEvent {
  /** Of its cell; ids sort like time, then offset, then the order of several values of one record. */
  readonly id: string
  readonly timeMs: number
  readonly offset: number
  readonly place: Place
  readonly value: unknown
}

/** Cells of events begin with this; by time, then offset. A place that is more than the offset stands behind. */
export const EVENT = 'k'
const BEHIND_TIME = '\u0001'
const BEHIND_OFFSET = '\u0002'
export const eventId = (timeMs: number, offset: number, place: Place = offset): string => {
  const id = `${EVENT}${encodeNumber(timeMs)}${BEHIND_TIME}${encodeNumber(offset)}`
  return typeof place === 'number' ? id : `${id}${BEHIND_OFFSET}${place.join('.')}`
}

/** The time of the event that a cell holds, epoch ms. */
export const timeOf = (id: string): number => decodeNumber(id, EVENT.length, endOfNumber(id, EVENT.length))

/** The event that a cell holds: features mostly ask for its value and its time. */
export const placed = (id: string, value: unknown): PlacedEvent => new CellEvent(id, value)

class CellEvent implements PlacedEvent {
  readonly id: string
  readonly value: unknown
  readonly timeMs: number

  constructor(id: string, value: unknown) {
    this.id = id
    this.value = value
    this.timeMs = timeOf(id)
  }
  get offset(): number {
    const at = this.id.indexOf(BEHIND_TIME) + 1
    return decodeNumber(this.id, at, endOfNumber(this.id, at))
  }
  get place(): Place {
    const from = this.id.indexOf(BEHIND_OFFSET)
    return from === -1
      ? this.offset
      : (this.id
          .slice(from + 1)
          .split('.')
          .map(Number) as unknown as Place)
  }
}

/** As many events of the key wait as may: those after `sinceMs`. */
export function isFull(cells: CellStore, sinceMs: number): boolean {
  const { waitingEventsMax } = defaultBounds
  // Most keys have fewer cells of any kind.
  if (cells.size < waitingEventsMax) return false
  return cells.count(eventId(Math.max(0, sinceMs + 1), 0), `${EVENT}~`) >= waitingEventsMax
}

/** Several values can come of one record: they stay in their order. */
export function freeId(cells: CellStore, id: string): string {
  if (cells.get(id) === undefined) return id
  for (let n = 1; ; n++) {
    const next = `${id}\u0001${encodeNumber(n)}`
    if (cells.get(next) === undefined) return next
  }
}
