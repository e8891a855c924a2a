import type { Context } from '../machine.ts'
import type { PatternEvent } from './event-at-hand.ts'
import type { TAKEN, WAITING } from './event-name.ts'

/**
 * Finds the matches of one key in events that come in their final order. What ends by time ends by the timers of its own
 * cells: at first event + window + lag, and by their names those fire before the event that waits for the same time.
 */
export interface Matcher<Out> {
  /**
   * True when an event of which `bits` hold is taken whatever comes before it, and nothing else comes of it: kept in the
   * cell in which it waits, it need not be given to `take` when its time has come.
   */
  takesUnseen(c: Context<Out>, bits: number): boolean
  take(c: Context<Out>, event: PatternEvent): void
  /** The timer of one of the matcher's own cells fired, or where they are its own alone, that of an event it has kept. */
  onTimer(c: Context<Out>, id: string): void
}

/** How a matcher keeps the events that it takes. */
export interface Keeping {
  /** Which cells hold them. */
  readonly events: typeof WAITING | typeof TAKEN
  /** Other matchers keep them as well: only time lets them go. Otherwise the matcher deletes them. */
  readonly shared: boolean
  /** How long after its time an event may be asked for, ms; undefined: as long as it is not deleted. */
  readonly forMs: number | undefined
  /** The matcher opens no new partial matches: those that it has go on. */
  readonly drains: boolean
}

/** Until when an event is kept, as the time of its cell's timer. */
export const keptUntil = (clockMs: number, { forMs }: Keeping): number => (forMs === undefined ? -1 : clockMs + forMs)
