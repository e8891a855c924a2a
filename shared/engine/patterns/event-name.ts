import { decodeNumber, encodeNumber, endOfNumber } from '../cell-name.ts'
import type { Place } from '../place.ts'

/**
 * An event's cell is named after what orders it: a letter, the time that counts, its place among those of that time, and
 * behind a dot the marks, what conditions say of the event by itself. So the cells of a key stand in the order in which
 * its events are looked at, and the name alone says what is mostly asked of an event.
 */
export const eventName = (clockMs: number, place: number, again = 0): string =>
  `${encodeNumber(clockMs)}${encodeNumber(place)}${again === 0 ? '' : encodeNumber(again)}`

/** In a cell that waits for its time, and stays where it is when that has come. */
export const WAITING = 'w'
/** In a cell that was made when the event was taken: in the order of arrival, and where ties order events. */
export const TAKEN = 'v'
/** Sorts behind all that goes on from `prefix`. */
export const behind = (prefix: string): string => `${prefix}~`

const ORIGIN = '@'
/** A name and where the event came from, where its offset does not tell that. */
export const withOrigin = (name: string, place: Place): string =>
  typeof place === 'number' ? name : `${name}${ORIGIN}${place.join(',')}`

const MARKS = '.'
export const withMarks = (name: string, marks: string): string => `${name}${MARKS}${marks}`
export const marksOf = (id: string): string => id.slice(id.indexOf(MARKS) + 1)
/** True when `marks` are those of cell `id`: there is no other dot in a name. */
export const hasMarks = (id: string, marks: string): boolean =>
  id[id.length - marks.length - 1] === MARKS && id.endsWith(marks)

/** The time that counts of the event that cell `id` holds, epoch ms. */
export const clockOf = (id: string): number => decodeNumber(id, 1, placeAt(id))
/** Its place among the events of that time: in a cell that waited, its offset. */
export const placeOf = (id: string): number => {
  const at = placeAt(id)
  return decodeNumber(id, at, endOfNumber(id, at))
}

/** Where the event came from that waited in this cell. */
export function originOf(id: string): Place {
  const name = id.slice(0, id.indexOf(MARKS))
  const at = name.indexOf(ORIGIN)
  return at === -1
    ? placeOf(id)
    : (name
        .slice(at + 1)
        .split(',')
        .map(Number) as unknown as Place)
}

const placeAt = (id: string): number => endOfNumber(id, 1)
