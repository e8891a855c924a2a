import { encodeNumber } from '../cell-name.ts'
import type { Context } from '../machine.ts'
import type { PatternEvent } from './kept-event.ts'

/** An event that waits for stream time to pass it. Sorts after the matchers' cells, which end by time first. */
const WAITING = 'w'
const AFTER_WAITING = 'x'

/** `marks`: what conditions say of the event by itself. `small`: see `jsonForm`. */
type Waiting = readonly [timeMs: number, offset: number, marks: Marks, small: 0 | 1, value: unknown]
export type Marks = number | readonly number[]

/** An event on its way into the waiting buffer. */
export interface Arriving {
  readonly timeMs: number
  readonly offset: number
  readonly marks: Marks
  readonly value: unknown
  readonly small: boolean
}

export const isWaiting = (id: string): boolean => id.startsWith(WAITING)

/** Lets an event wait until `wakeAtMs`. @returns false when `max` events of the key wait already */
export function wait(
  c: Context<unknown>,
  { timeMs, offset, marks, value, small }: Arriving,
  wakeAtMs: number,
  max: number,
): boolean {
  // Most keys have fewer cells of any kind.
  if (c.cells.size >= max && c.cells.count(WAITING, AFTER_WAITING) >= max) return false
  const name = `${atTime(timeMs)}${encodeNumber(offset)}`
  let id = name
  // Several values can come of one record.
  for (let n = 1; c.cells.get(id) !== undefined; n++) id = `${name}\u0001${encodeNumber(n)}`
  put(c, id, [timeMs, offset, marks, small ? 1 : 0, value], wakeAtMs)
  return true
}

/**
 * Takes out the event that is next when the timer of cell `id` fires: that of the cell, or of those of the same time the
 * one that `ties` puts first.
 */
export function release(
  c: Context<unknown>,
  id: string,
  ties: ((a: unknown, b: unknown) => number) | undefined,
): { readonly event: Omit<PatternEvent, 'bits'>; readonly marks: Marks } {
  const chosen = ties === undefined ? id : firstOfTime(c, id, ties)
  const [timeMs, offset, marks, small, value] = c.cells.get(chosen) as Waiting
  c.cells.delete(chosen)
  // Its timer has fired, and it waits on.
  if (chosen !== id) put(c, id, c.cells.get(id) as Waiting, c.streamTimeMs)
  return { event: { clockMs: timeMs, timeMs, offset, value, small: small === 1 }, marks }
}

function firstOfTime(c: Context<unknown>, id: string, ties: (a: unknown, b: unknown) => number): string {
  const [timeMs] = c.cells.get(id) as Waiting
  const cells = c.cells.range(atTime(timeMs), `${WAITING}\u0001${encodeNumber(timeMs)}\u0002`) as [string, Waiting][]
  return cells.reduce((first, each) => (ties(each[1][4], first[1][4]) < 0 ? each : first))[0]
}

const atTime = (timeMs: number): string => `${WAITING}\u0001${encodeNumber(timeMs)}\u0001`

function put(c: Context<unknown>, id: string, waiting: Waiting, wakeAtMs: number): void {
  c.cells[waiting[3] === 1 ? 'put' : 'putSized'](id, waiting, wakeAtMs)
}
