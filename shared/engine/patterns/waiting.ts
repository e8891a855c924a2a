import { encodeNumber } from '../cell-name.ts'
import type { Context } from '../machine.ts'
import type { Place } from '../place.ts'
import type { OrderSpec } from './declaration.ts'
import { LooseEvent, WaitedEvent } from './event-at-hand.ts'
import { behind, clockOf, eventName, WAITING, withMarks, withOrigin } from './event-name.ts'
import { jsonForm } from './kept-event.ts'

/** An event on its way into the waiting buffer. */
export interface Arriving {
  readonly timeMs: number
  readonly offset: number
  readonly place: Place
  /** What conditions say of the event by itself. */
  readonly marks: string
  /** undefined: no step can take the event, and all that counts of it is that it was there. */
  readonly value: unknown
  /** The time of its timer, epoch ms: `timeMs` + `lagMs`, or later for one that need not be looked at then. */
  readonly wakeAtMs: number
}

/** In place of a value that nothing will ask for. */
const NO_VALUE = 0

/**
 * Lets an event wait in a cell that sorts behind those of the matchers, which end by time first.
 * @returns false when `max` events of the key wait already
 */
export function wait(
  c: Context<unknown>,
  { timeMs, offset, place, marks, value, wakeAtMs }: Arriving,
  lagMs: number,
  max: number,
): boolean {
  const { cells } = c
  // Most keys have fewer cells of any kind.
  if (cells.size >= max && waitingEvents(c, lagMs) >= max) return false
  const name = WAITING + eventName(timeMs, offset)
  // Several values can come of one record.
  const again = cells.has(name, behind(name)) ? cells.count(name, behind(name)) : 0
  const free = again === 0 ? name : WAITING + eventName(timeMs, offset, again)
  const id = withMarks(withOrigin(free, place), marks)
  if (value === undefined) cells.put(id, NO_VALUE, wakeAtMs)
  else {
    const form = jsonForm(value)
    cells[form.small ? 'put' : 'putSized'](id, form.value, wakeAtMs)
  }
  return true
}

/** The others have been looked at, and are kept. */
function waitingEvents(c: Context<unknown>, lagMs: number): number {
  return c.cells.count(WAITING + encodeNumber(Math.max(0, c.streamTimeMs - lagMs + 1)), behind(WAITING))
}

/** True when the timer of cell `id` says that the event in it is next; otherwise, that it is over. */
export const isWaiting = (id: string, timeMs: number, lagMs: number): boolean =>
  lagMs > 0 && id.startsWith(WAITING) && clockOf(id) === timeMs - lagMs

/** An event on its way through matchers, each with its own bits; at the end it is let go unless someone has kept it. */
export type Released = WaitedEvent | LooseEvent

/**
 * The event that is next when the timer of cell `id` fires: that of the cell, or of those of the same time the one that
 * `ties` puts first.
 */
export function release(c: Context<unknown>, id: string, lagMs: number, order: OrderSpec): Released {
  const clockMs = c.streamTimeMs - lagMs
  if (order.kind === 'event-time' && order.ties !== undefined) return releaseTied(c, id, clockMs, order.ties)
  return new WaitedEvent(c, id, clockMs)
}

function releaseTied(
  c: Context<unknown>,
  id: string,
  clockMs: number,
  ties: (a: unknown, b: unknown) => number,
): LooseEvent {
  const cells = c.cells.range(WAITING + encodeNumber(clockMs), WAITING + encodeNumber(clockMs + 1))
  const [chosen, value] = cells.reduce((first, each) => (ties(each[1], first[1]) < 0 ? each : first))
  const waited = new WaitedEvent(c, chosen, clockMs)
  const { small } = jsonForm(value)
  c.cells.delete(chosen)
  // Its timer has fired, and it waits on.
  if (chosen !== id) c.cells.wake(id, c.streamTimeMs)
  return new LooseEvent(c, clockMs, waited, value, small, chosen)
}
