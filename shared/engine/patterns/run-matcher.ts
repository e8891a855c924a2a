import type { Context } from '../machine.ts'
import type { Compiled, Run } from './compile.ts'
import type { PatternEvent } from './event-at-hand.ts'
import { clockOf, WAITING } from './event-name.ts'
import { eventAtHand, keptEvent, namedOf } from './kept-event.ts'
import { patternLimits } from './limits.ts'
import { type AnySteps, type Match, matchOf, type TimedOut } from './match.ts'
import type { Keeping, Matcher } from './matcher.ts'
import { Line } from './run-line.ts'

const LOOP_BIT = 1
const LAST_BIT = 2

/**
 * Matches a {@link Run}: the loop events of a key that are kept, in their order, stand for all its partial matches, of
 * which each has taken all events from its own on. So an event costs the same however many there are. Since each partial
 * match that starts later holds a part of the earlier ones, the earliest is always complete first, and no match ever waits
 * for another.
 */
export class RunMatcher<Out> implements Matcher<Out> {
  readonly #compiled: Compiled
  readonly #run: Run
  readonly #onMatch: (match: Match<AnySteps>) => Out
  readonly #keeping: Keeping
  readonly #line: Line<Out>

  constructor(compiled: Compiled, run: Run, onMatch: (match: Match<AnySteps>) => Out, keeping: Keeping) {
    this.#compiled = compiled
    this.#run = run
    this.#onMatch = onMatch
    this.#keeping = keeping
    this.#line = new Line(compiled, keeping)
  }

  /** An event that only joins the run: what comes of it is looked at when one comes that may end the run. */
  takesUnseen(c: Context<Out>, bits: number): boolean {
    const { withinMs, bounds } = this.#compiled
    const { shared, events } = this.#keeping
    if (bits !== LOOP_BIT || shared || events !== WAITING || withinMs === undefined) return false
    // Close to the bound each is looked at, so that no key has many more than it may.
    return c.cells.size < bounds.keptEventsMax
  }

  take(c: Context<Out>, event: PatternEvent): void {
    const line = this.#line.of(c)
    const loops = (event.bits & LOOP_BIT) !== 0
    const matched = (event.bits & LAST_BIT) !== 0 && this.#complete(c, line, event)
    // Past the last event: a partial match that the event at hand would start is discarded as well.
    if (!loops || (matched && this.#compiled.skip.kind === 'past-last-event')) return
    if (this.#keeping.drains && !line.hasStarts(event)) return
    line.append(event)
    this.#bound(c, line, () => line.countWith(event))
  }

  #bound(c: Context<Out>, line: Line<Out>, count: () => number): void {
    const { keptEventsMax } = this.#compiled.bounds
    // Most keys have fewer cells of any kind.
    if (c.cells.size <= keptEventsMax) return
    const dropped = count() - keptEventsMax
    if (dropped <= 0) return
    line.discard(dropped)
    c.partialMatchesDropped(dropped)
  }

  onTimer(c: Context<Out>, id: string): void {
    const line = this.#line.of(c)
    if (!line.holds(id)) {
      line.collect()
      return
    }
    if (c.wantsTimedOut && line.mayStart(id)) this.#timeOut(c, line, id)
    c.cells.delete(id)
  }

  /** @returns true if there was a match */
  #complete(c: Context<Out>, line: Line<Out>, event: PatternEvent): boolean {
    const { min, max } = this.#run
    this.#bound(c, line, () => line.countUpTo(event))
    if (line.countBefore(event) < min) return false
    const ids = line.before(event)
    const count = ids.length
    const starts = line.startsAmong(ids)
    const last = Math.min(count - min, starts - 1)
    if (last < 0) return false
    const { kind } = this.#compiled.skip
    const emit = (start: number, end: number) => this.#emit(c, line, ids, start, end, event)
    if (kind === 'past-last-event') {
      emit(0, Math.min(max, count))
      line.discard(count, ids)
    } else if (kind === 'to-next') {
      for (let start = 0; start <= last; start++) emit(start, Math.min(start + max, count))
      line.discard(count - min + 1, ids)
    } else {
      const closed = line.closedAmong(ids)
      for (let start = 0; start <= last; start++)
        for (let end = Math.min(start + max, count); end >= start + min && end > closed; end--) emit(start, end)
      line.close(ids)
      line.discard(Math.max(0, count - max + 1), ids)
    }
    return true
  }

  /** One timer ends one partial match. */
  #timeOut(c: Context<Out>, line: Line<Out>, id: string): void {
    const { steps, withinMs } = this.#compiled
    const startMs = clockOf(id)
    const endMs = startMs + withinMs!
    c.timedOut((): TimedOut<AnySteps> => {
      const ids = line.from(id, endMs, this.#run.max)
      const named = namedOf(ids.length, patternLimits.timedOutEventsMax)
      const events = named.map((i) => keptEvent(c, steps[0]!.name, line.eventOf(ids[i]!)))
      return { key: c.key, startMs, endMs, why: 'within', events, more: ids.length - named.length }
    }, endMs)
  }

  /** The match of the loop events from `start` up to but not including `end`, and the event at hand. */
  #emit(
    c: Context<Out>,
    line: Line<Out>,
    ids: readonly string[],
    start: number,
    end: number,
    event: PatternEvent,
  ): void {
    const [loop, last] = this.#compiled.steps
    const count = end - start + 1
    const named = namedOf(count)
    const events = named.map((i) =>
      i === count - 1 ? eventAtHand(c, last!.name, event) : keptEvent(c, loop!.name, line.eventOf(ids[start + i]!)),
    )
    const match = matchOf(c.key, clockOf(ids[start]!), event.clockMs, events, count - named.length)
    c.emit(this.#onMatch(match), match.endMs)
  }
}
