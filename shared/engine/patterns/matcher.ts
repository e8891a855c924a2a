import type { Context } from '../machine.ts'
import type { PatternEvent } from './kept-event.ts'

/**
 * Finds the matches of one key in events that come in their final order. What ends by time ends by the timers of its own
 * cells: at first event + window + lag, and by their names those fire before the event that waits for the same time.
 */
export interface Matcher<Out> {
  take(c: Context<Out>, event: PatternEvent): void
  /** The timer of one of the matcher's own cells fired. */
  onTimer(c: Context<Out>, id: string): void
}
