import type { CellStore, Context } from '../machine.ts'
import type { Place } from '../place.ts'
import type { PatternEvent } from './event-at-hand.ts'
import { clockOf, originOf, WAITING } from './event-name.ts'
import { patternLimits } from './limits.ts'
import type { MatchedEvent } from './match.ts'
import { asJson, plainJsonBytes } from './plain-json.ts'

/**
 * A value in the form in which state gives it back, so that what is looked at before and after a reload is the same.
 * @param small says whether it may be stored by reference
 */
export function jsonForm(value: unknown): { value: unknown; small: boolean } {
  const bytes = plainJsonBytes(value)
  if (bytes < 0) return { value: asJson(value), small: false }
  return { value, small: bytes <= patternLimits.plainBytesMax }
}

/** What a cell of an event holds that did not wait there; one that did holds the value alone. */
export type Taken = readonly [sinceClockMs: number, place: Place, value: unknown]

/** The value of the event in cell `id`. */
export const keptValue = (cells: CellStore, id: string): unknown =>
  id.startsWith(WAITING) ? cells.get(id) : (cells.get(id) as Taken)[2]

/** An event that is kept in cell `id`, as a match names it. */
export function keptEvent<Out>(c: Context<Out>, step: string, id: string): MatchedEvent {
  const clockMs = clockOf(id)
  if (id.startsWith(WAITING)) return { step, ...c.positionOf(originOf(id)), timeMs: clockMs, value: c.cells.get(id) }
  const [sinceMs, place, value] = c.cells.get(id) as Taken
  return { step, ...c.positionOf(place), timeMs: clockMs + sinceMs, value }
}

/** The event at hand, as a match names it. */
export function eventAtHand<Out>(c: Context<Out>, step: string, event: PatternEvent): MatchedEvent {
  const { place, timeMs, value } = event
  return { step, ...c.positionOf(place), timeMs, value }
}

/** Indices of the events to name, of `count`: all, or the first half and the last half of the most that are named. */
export function namedOf(count: number, max = patternLimits.namedEventsMax): number[] {
  if (count <= max) return Array.from({ length: count }, (_, i) => i)
  const head = max >> 1
  return Array.from({ length: max }, (_, i) => (i < head ? i : count - max + i))
}
