import { encodeNumber } from '../cell-name.ts'
import type { Context, Machine, MachineRecord } from '../machine.ts'
import { BranchMatcher } from './branch-matcher.ts'
import { type Compiled, compile, judge } from './compile.ts'
import { jsonForm, type PatternEvent } from './kept-event.ts'
import { defaultBounds, type PatternBounds } from './limits.ts'
import type { AnySteps, Match } from './match.ts'
import type { Matcher } from './matcher.ts'
import type { Pattern } from './pattern.ts'
import { RunMatcher } from './run-matcher.ts'

/** An event that waits for stream time to pass it. Sorts after the matchers' cells, which end by time first. */
const WAITING = 'w'
type Waiting = readonly [timeMs: number, offset: number, bits: number, small: 0 | 1, value: unknown]

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
export function patternMachine<T, Steps, Out>(
  pattern: Pattern<T, Steps>,
  onMatch: (match: Match<Steps>) => Out,
  bounds: Partial<PatternBounds> = {},
): Machine<T, Out> {
  const compiled = compile(pattern)
  const all = { ...defaultBounds, ...bounds }
  const anyMatch = onMatch as unknown as (match: Match<AnySteps>) => Out
  const { run } = compiled
  return ordered(
    compiled,
    run === undefined ? new BranchMatcher(compiled, all, anyMatch) : new RunMatcher(compiled, run, all, anyMatch),
  )
}

function ordered<T, Out>(compiled: Compiled, matcher: Matcher<Out>): Machine<T, Out> {
  const { order, signature, dropsNeutral, lagMs } = compiled

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
    else wait(c, [timeMs, offset, bits, form.small ? 1 : 0, form.value])
  }

  function wait(c: Context<Out>, waiting: Waiting): void {
    const [timeMs, offset, , small] = waiting
    const name = `${WAITING}\u0001${encodeNumber(timeMs)}\u0001${encodeNumber(offset)}`
    let id = name
    // Several values can come of one record.
    for (let n = 1; c.cells.get(id) !== undefined; n++) id = `${name}\u0001${encodeNumber(n)}`
    c.cells[small === 1 ? 'put' : 'putSized'](id, waiting, timeMs + lagMs)
  }

  function release(c: Context<Out>, id: string): void {
    const [timeMs, offset, bits, small, value] = c.cells.get(id) as Waiting
    c.cells.delete(id)
    const event: PatternEvent = { clockMs: timeMs, timeMs, offset, bits, value, small: small === 1 }
    matcher.take(c, event)
  }

  return {
    signature,
    onRecord,
    onTimer(c, id) {
      if (id.startsWith(WAITING)) release(c, id)
      else matcher.onTimer(c, id)
    },
  }
}
