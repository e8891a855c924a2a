import type { Context, Machine, MachineRecord } from '../machine.ts'
import { BranchMatcher } from './branch-matcher.ts'
import { type Compiled, compile, judge, needsValue } from './compile.ts'
import type { OrderSpec } from './declaration.ts'
import { LooseEvent } from './event-at-hand.ts'
import { marksOf, TAKEN, WAITING } from './event-name.ts'
import { jsonForm } from './kept-event.ts'
import type { AnySteps, Match } from './match.ts'
import { type Keeping, keptUntil, type Matcher } from './matcher.ts'
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
 * An event that a partial match takes stays in the cell in which it has waited. One that could only be taken, and whose
 * match another one will end, is never looked at by itself.
 *
 * @throws MillraceError `PATTERN_INVALID` for what only the whole pattern shows
 */
export function patternMachine<T, Steps, Out, Measured extends string = never>(
  pattern: Pattern<T, Steps, Measured>,
  onMatch: (match: Match<Steps>) => Out,
): Machine<T, Out> {
  const compiled = compile(pattern)
  const { order, withinMs, lagMs } = compiled
  const forMs = withinMs === undefined ? undefined : withinMs + lagMs
  const keeping: Keeping = { events: keptIn(order), shared: false, forMs, drains: false }
  const matcher = matcherOf(compiled, onMatch as unknown as (match: Match<AnySteps>) => Out, keeping)
  return ordered(compiled, matcher, keeping)
}

/** Which cells hold events that are kept. Where ties order events, cells do not stand in the order of the events in them. */
export const keptIn = (order: OrderSpec): Keeping['events'] =>
  order.kind === 'event-time' && order.ties === undefined ? WAITING : TAKEN

/** The matcher that fits the pattern. */
export function matcherOf<Out>(
  compiled: Compiled,
  onMatch: (match: Match<AnySteps>) => Out,
  keeping: Keeping,
): Matcher<Out> {
  const { run } = compiled
  if (run === undefined) return new BranchMatcher(compiled, onMatch, keeping)
  return new RunMatcher(compiled, run, onMatch, keeping)
}

function ordered<T, Out>(compiled: Compiled, matcher: Matcher<Out>, keeping: Keeping): Machine<T, Out> {
  const { order, signature, dropsNeutral, lagMs, bounds } = compiled
  const tied = order.kind === 'event-time' && order.ties !== undefined

  function onRecord(c: Context<Out>, { value, timeMs, offset, place = offset }: MachineRecord<T>): void {
    const byMs = order.kind === 'event-time' ? c.streamTimeMs - order.graceMs - timeMs : 0
    if (byMs > 0) {
      c.late(byMs)
      return
    }
    const bits = judge(compiled, value)
    if (bits === 0 && dropsNeutral) return
    if (order.kind === 'arrival') {
      const form = jsonForm(value)
      const event = new LooseEvent(c, c.streamTimeMs, { timeMs, offset, place }, form.value, form.small)
      event.bits = bits
      matcher.take(c, event)
      return
    }
    const kept = tied || needsValue(compiled, bits) ? value : undefined
    const wakeAtMs = matcher.takesUnseen(c, bits) ? keptUntil(timeMs, keeping) : timeMs + lagMs
    const arriving = { timeMs, offset, place, marks: bits.toString(36), value: kept, wakeAtMs }
    if (!wait(c, arriving, lagMs, bounds.waitingEventsMax)) c.late(0)
  }

  return {
    signature,
    onRecord,
    onTimer(c, id, timeMs) {
      if (!isWaiting(id, timeMs, lagMs)) {
        matcher.onTimer(c, id)
        return
      }
      const event = release(c, id, lagMs, order)
      event.bits = Number.parseInt(marksOf(event.waitedIn), 36)
      matcher.take(c, event)
      event.letGo()
    },
  }
}
