import type { Context, Machine, MachineRecord } from '../machine.ts'
import { BranchMatcher } from './branch-matcher.ts'
import { type Compiled, compile, judge } from './compile.ts'
import { jsonForm } from './kept-event.ts'
import type { AnySteps, Match } from './match.ts'
import type { Matcher } from './matcher.ts'
import type { Pattern } from './pattern.ts'
import { RunMatcher } from './run-matcher.ts'
import { isWaiting, release, wait } from './waiting.ts'

/**
 * The machine that finds the matches of a pattern and puts out what `onMatch` makes of each, timed `match.endMs`.
 *
 * In event-time order an event waits in a cell of its own until its time < stream time - grace; then those of a key are
 * looked at by (time, offset). One that comes with a time < stream time - grace is late. Conditions on the event alone are
 * evaluated when it arrives, on the value as it came; what is kept, and so what conditions see of earlier events and
 * what a match names, is the value as JSON. Where no step is strict, an event that fits no condition is let go at once.
 *
 * @throws MillraceError `PATTERN_INVALID` for what only the whole pattern shows
 */
export function patternMachine<T, Steps, Out, Measured extends string = never>(
  pattern: Pattern<T, Steps, Measured>,
  onMatch: (match: Match<Steps>) => Out,
): Machine<T, Out> {
  const compiled = compile(pattern)
  return ordered(compiled, matcherOf(compiled, onMatch as unknown as (match: Match<AnySteps>) => Out))
}

/** The matcher that fits the pattern. `drains`: it opens no new partial matches. */
export function matcherOf<Out>(
  compiled: Compiled,
  onMatch: (match: Match<AnySteps>) => Out,
  drains = false,
): Matcher<Out> {
  const { run } = compiled
  if (run === undefined) return new BranchMatcher(compiled, onMatch, drains)
  return new RunMatcher(compiled, run, onMatch, drains)
}

function ordered<T, Out>(compiled: Compiled, matcher: Matcher<Out>): Machine<T, Out> {
  const { order, signature, dropsNeutral, lagMs, bounds } = compiled

  function onRecord(c: Context<Out>, { value, timeMs, offset }: MachineRecord<T>): void {
    const byMs = order.kind === 'event-time' ? c.streamTimeMs - order.graceMs - timeMs : 0
    if (byMs > 0) {
      c.late(byMs)
      return
    }
    const bits = judge(compiled, value)
    if (bits === 0 && dropsNeutral) return
    const form = jsonForm(value)
    if (order.kind === 'arrival') matcher.take(c, { clockMs: c.streamTimeMs, timeMs, offset, bits, ...form })
    else if (!wait(c, { timeMs, offset, marks: bits, ...form }, timeMs + lagMs, bounds.waitingEventsMax)) c.late(0)
  }

  return {
    signature,
    onRecord,
    onTimer(c, id) {
      if (!isWaiting(id)) {
        matcher.onTimer(c, id)
        return
      }
      const { event, marks } = release(c, id, order.kind === 'event-time' ? order.ties : undefined)
      matcher.take(c, { ...event, bits: marks as number })
    },
  }
}
