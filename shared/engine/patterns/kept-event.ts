import { encodeNumber } from '../cell-name.ts'
import type { CellStore, Context } from '../machine.ts'
import { patternLimits } from './limits.ts'
import type { MatchedEvent } from './match.ts'
import { asJson, plainJsonBytes } from './plain-json.ts'

/** An event on its way into the matcher. */
export interface PatternEvent {
  /** The time that counts for the pattern, epoch ms: event time, or in arrival order stream time at arrival. */
  readonly clockMs: number
  /** The event's own time, epoch ms. */
  readonly timeMs: number
  readonly offset: number
  /** Conditions that hold for the event by itself. */
  readonly bits: number
  readonly value: unknown
  /** The value is plain JSON of bounded size, and may be stored by reference. */
  readonly small: boolean
}

/**
 * A value in the form in which state gives it back, so that what is looked at before and after a reload is the same.
 * @param small says whether it may be stored by reference
 */
export function jsonForm(value: unknown): { value: unknown; small: boolean } {
  const bytes = plainJsonBytes(value)
  if (bytes < 0) return { value: asJson(value), small: false }
  return { value, small: bytes <= patternLimits.plainBytesMax }
}

/** Cells of events that partial matches have taken, numbered in the order in which they were looked at. */
export const TAKEN = 't'
export const takenId = (number: number): string => TAKEN + encodeNumber(number)

type Taken = readonly [clockMs: number, sinceMs: number, offset: number, value: unknown]

/** Keeps an event for partial matches. @throws MillraceError `CELL_TOO_LARGE` */
export function keepEvent(cells: CellStore, number: number, event: PatternEvent): void {
  const taken: Taken = [event.clockMs, event.timeMs - event.clockMs, event.offset, event.value]
  cells[event.small ? 'put' : 'putSized'](takenId(number), taken)
}

/** The time that counts of an event that is kept. */
export const keptClock = (cells: CellStore, number: number): number => (cells.get(takenId(number)) as Taken)[0]

/** An event that is kept, as a match names it. */
export function keptEvent<Out>(c: Context<Out>, step: string, number: number): MatchedEvent {
  const [clockMs, sinceMs, offset, value] = c.cells.get(takenId(number)) as Taken
  return { step, topic: c.topic, partition: c.partition, offset, timeMs: clockMs + sinceMs, value }
}

/** The event at hand, as a match names it. */
export const eventAtHand = <Out>(
  c: Context<Out>,
  step: string,
  { offset, timeMs, value }: PatternEvent,
): MatchedEvent => ({
  step,
  topic: c.topic,
  partition: c.partition,
  offset,
  timeMs,
  value,
})

/** Indices of the events to name, of `count`: all, or the first half and the last half of the most that are named. */
export function namedOf(count: number, max = patternLimits.namedEventsMax): number[] {
  if (count <= max) return Array.from({ length: count }, (_, i) => i)
  const head = max >> 1
  return Array.from({ length: max }, (_, i) => (i < head ? i : count - max + i))
}
