import type { Context } from '../machine.ts'
import type { Compiled, Run } from './compile.ts'
import { eventAtHand, keepEvent, keptClock, keptEvent, namedOf, type PatternEvent, takenId } from './kept-event.ts'
import { patternLimits } from './limits.ts'
import { type AnySteps, type Match, matchOf, type TimedOut } from './match.ts'
import type { Matcher } from './matcher.ts'

/**
 * State of a key: its loop events are numbered, and those from `first` up to `next` may still start a match. The partial
 * match that starts at i has taken all of them from i on. `closed`: a match with each event before it as its last loop
 * event is out already (no skip only). `garbage`: ranges of events that are out of use and still to be deleted.
 */
type Head = readonly [
  first: number,
  next: number,
  closed: number,
  firstMs: number,
  garbage: readonly number[],
  /** Of a pattern that drains: only events before it start a match. */
  starts?: number,
]

/** The cell that holds the head. Its timer ends the oldest partial match, before the event that waits for that time. */
const HEAD = 'h'
const LOOP_BIT = 1
const LAST_BIT = 2

/**
 * Matches a {@link Run}: one list of events per key stands for all partial matches, an event costs the same however many
 * there are. Since each partial match that starts later holds a part of the earlier ones, the earliest is always
 * complete first, and no match ever waits for another.
 */
export class RunMatcher<Out> implements Matcher<Out> {
  readonly #compiled: Compiled
  readonly #run: Run
  readonly #onMatch: (match: Match<AnySteps>) => Out
  readonly #drains: boolean

  constructor(compiled: Compiled, run: Run, onMatch: (match: Match<AnySteps>) => Out, drains: boolean) {
    this.#drains = drains
    this.#compiled = compiled
    this.#run = run
    this.#onMatch = onMatch
  }

  take(c: Context<Out>, event: PatternEvent): void {
    const stored = c.cells.get(HEAD) as Head | undefined
    const loops = (event.bits & LOOP_BIT) !== 0
    if (stored === undefined && (!loops || this.#drains)) return
    const work = new Work(c, stored ?? [0, 0, 0, 0, []], this.#drains, this.#compiled.bounds.deletesMax)
    const matched = (event.bits & LAST_BIT) !== 0 && this.#complete(work, event)
    // Past the last event: a partial match that the event at hand would start is discarded as well.
    if (loops && !(matched && this.#compiled.skip.kind === 'past-last-event')) {
      work.append(event)
      if (work.open > this.#compiled.bounds.keptEventsMax) {
        work.discardTo(work.first + 1)
        c.partialMatchesDropped(1)
      }
    }
    this.#save(work)
  }

  onTimer(c: Context<Out>): void {
    const work = new Work(c, c.cells.get(HEAD) as Head, this.#drains, this.#compiled.bounds.deletesMax)
    const { withinMs, lagMs } = this.#compiled
    if (withinMs !== undefined) {
      const startedMs = c.streamTimeMs - lagMs - withinMs
      if (c.wantsTimedOut && work.open > 0 && work.firstMs <= startedMs) this.#timeOut(work, withinMs)
      else work.expire(startedMs)
    }
    work.collect()
    this.#save(work)
  }

  /** @returns true if there was a match */
  #complete(work: Work<Out>, event: PatternEvent): boolean {
    const { min, max } = this.#run
    const { first, next } = work
    if (next - first < min) return false
    const last = Math.min(next - min, work.starts - 1)
    const { kind } = this.#compiled.skip
    if (kind === 'past-last-event') {
      this.#emit(work, first, Math.min(first + max, next), event)
      work.discardTo(next)
    } else if (kind === 'to-next') {
      for (let start = first; start <= last; start++) this.#emit(work, start, Math.min(start + max, next), event)
      work.discardTo(next - min + 1)
    } else {
      for (let start = first; start <= last; start++)
        for (let end = Math.min(start + max, next); end >= start + min && end > work.closed; end--)
          this.#emit(work, start, end, event)
      work.closed = next
      work.discardTo(Math.max(first, next - max + 1))
    }
    return true
  }

  /** Where time-outs are read, one timer ends one partial match; the next has one of its own. */
  #timeOut(work: Work<Out>, withinMs: number): void {
    const { c, first, next, firstMs } = work
    const endMs = firstMs + withinMs
    c.timedOut((): TimedOut<AnySteps> => {
      const count = Math.min(next - first, this.#run.max)
      const named = namedOf(count, patternLimits.timedOutEventsMax)
      const events = named.map((i) => keptEvent(c, this.#compiled.steps[0]!.name, first + i))
      return { key: c.key, startMs: firstMs, endMs, why: 'within', events, more: count - named.length }
    }, endMs)
    work.discardTo(first + 1)
  }

  /** The match of the loop events from `start` up to but not including `end`, and the event at hand. */
  #emit({ c }: Work<Out>, start: number, end: number, event: PatternEvent): void {
    const [loop, last] = this.#compiled.steps
    const count = end - start + 1
    const named = namedOf(count)
    const events = named.map((i) =>
      i === count - 1 ? eventAtHand(c, last!.name, event) : keptEvent(c, loop!.name, start + i),
    )
    const match = matchOf(c.key, keptClock(c.cells, start), event.clockMs, events, count - named.length)
    c.emit(this.#onMatch(match), match.endMs)
  }

  #save(work: Work<Out>): void {
    if (work.first >= work.starts) work.discardTo(work.next)
    const { c, first, next, closed, garbage } = work
    if (first === next && garbage.length === 0) {
      c.cells.delete(HEAD)
      return
    }
    const { withinMs, lagMs } = this.#compiled
    const ends = first === next || withinMs === undefined ? undefined : work.firstMs + withinMs + lagMs
    const head: Head = [first, next, closed, work.firstMs, garbage]
    const stored = this.#drains ? [...head, work.starts] : head
    c.cells.put(HEAD, stored, garbage.length > 0 ? c.streamTimeMs : ends)
  }
}

/** A key's head while one event is worked on. */
class Work<Out> {
  readonly c: Context<Out>
  first: number
  next: number
  closed: number
  firstMs: number
  readonly garbage: number[]
  /** Only events before this one start a match. */
  readonly starts: number
  readonly #deletesMax: number
  #deletes: number

  constructor(
    c: Context<Out>,
    [first, next, closed, firstMs, garbage, starts = next]: Head,
    drains: boolean,
    deletesMax: number,
  ) {
    this.#deletesMax = deletesMax
    this.#deletes = deletesMax
    this.starts = drains ? starts : Number.POSITIVE_INFINITY
    this.c = c
    this.first = first
    this.next = next
    this.closed = closed
    this.firstMs = firstMs
    this.garbage = [...garbage]
  }

  get open(): number {
    return this.next - this.first
  }

  append(event: PatternEvent): void {
    keepEvent(this.c.cells, this.next, event)
    if (this.open === 0) this.firstMs = event.clockMs
    this.next++
  }

  /** Ends the partial matches that start before event `to`. */
  discardTo(to: number): void {
    if (to === this.first) return
    this.garbage.push(this.first, to)
    this.first = to
    if (to < this.next) this.firstMs = keptClock(this.c.cells, to)
    this.collect()
  }

  /** Ends the partial matches that began at `timeMs` or earlier, as many as one event may. */
  expire(timeMs: number): void {
    const most = Math.min(this.next, this.first + this.#deletesMax)
    let to = this.first
    while (to < most && keptClock(this.c.cells, to) <= timeMs) to++
    this.discardTo(to)
  }

  /** Deletes what is out of use, newest first, as much as one event may; the head's timer sees to the rest. */
  collect(): void {
    const { garbage } = this
    while (garbage.length > 0 && this.#deletes > 0) {
      const to = garbage.pop()!
      const from = garbage.pop()!
      const stop = Math.max(from, to - this.#deletes)
      for (let number = to - 1; number >= stop; number--) this.c.cells.delete(takenId(number))
      this.#deletes -= to - stop
      if (stop > from) garbage.push(from, stop)
    }
  }
}
