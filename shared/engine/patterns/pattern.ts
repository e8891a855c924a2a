import type { DurationMs } from '../../time.ts'
import type { Jsonified } from '../jsonified.ts'
import { beginning } from './builder.ts'
import type { PatternSpec } from './declaration.ts'
import type { PatternBounds } from './limits.ts'
import type { SoFar } from './match.ts'

/**
 * Decides whether a step takes an event. Pure. One that looks at the events so far must name the second parameter
 * plainly: by that, conditions that depend on the event alone are told apart, and evaluated once, when the event arrives.
 */
export type Condition<T, Steps, Measured extends string = never> = (event: T, soFar: SoFar<Steps, Measured>) => boolean

/** Events that a step has taken are kept in state, as JSON. */
type Kept<Name extends string, T> = Record<Name, Jsonified<T>>

/** `measure`: the number of an event that `soFar.sum`, `min`, `max` and `mean` of this step are about. */
export interface StepOptions<Value> {
  readonly measure: (event: Value) => number
}

/** Adds a step that takes events, or a group of steps. A type guard narrows the type of the step's events. */
export interface AddStep<T, Steps, Measured extends string = never> {
  <const Name extends string, Narrow extends T>(
    name: Name,
    condition: (event: T, soFar: SoFar<Steps & Kept<Name, T>, Measured>) => event is Narrow,
  ): Narrowed<T, Steps, Measured, Name, Narrow>
  <const Name extends string>(
    name: Name,
    condition: Condition<T, Steps & Kept<Name, T>, Measured>,
  ): Pattern<T, Steps & Kept<Name, T>, Measured>
  <const Name extends string, Narrow extends T>(
    name: Name,
    condition: (event: T, soFar: SoFar<Steps & Kept<Name, T>, Measured | Name>) => event is Narrow,
    options: StepOptions<Jsonified<Narrow>>,
  ): Narrowed<T, Steps, Measured | Name, Name, Narrow>
  <const Name extends string>(
    name: Name,
    condition: Condition<T, Steps & Kept<Name, T>, Measured | Name>,
    options: StepOptions<Jsonified<T>>,
  ): Pattern<T, Steps & Kept<Name, T>, Measured | Name>
  /**
   * A group: steps that are gone through as one, and may loop, be optional, and be ended by `until`. The group's own
   * contiguity is that of its first event; within it each step has its own.
   */
  <Inner, InnerMeasured extends string>(
    group: (start: PatternBeginning<T, Steps, Measured>) => Pattern<T, Inner, InnerMeasured>,
  ): Pattern<T, Inner, InnerMeasured>
}

/** A pattern whose last step has the type that its type guard says: `where` keeps it, and `or` is back at any event. */
type Narrowed<T, Steps, Measured extends string, Name extends string, Narrow> = {
  where(condition: Condition<Narrow, Steps & Kept<Name, Narrow>, Measured>): Narrowed<T, Steps, Measured, Name, Narrow>
  or(condition: Condition<T, Steps & Kept<Name, Narrow>, Measured>): Pattern<T, Steps & Kept<Name, T>, Measured>
} & Pattern<T, Steps & Kept<Name, Narrow>, Measured>

/** Where, after a match, the search goes on. `onMiss: 'error'`: see {@link Pattern.skip}. */
export type Skip<Name extends string> =
  | 'no-skip'
  | 'to-next'
  | 'past-last-event'
  | { readonly toFirst: Name; readonly onMiss?: 'no-skip' | 'error' }
  | { readonly toLast: Name; readonly onMiss?: 'no-skip' | 'error' }

/** How a loop limits the time between its events. */
export interface LoopOptions {
  /** Each event of the loop after the first is less than this after the one before it. */
  readonly gap?: DurationMs
  /**
   * `'flink'`: the gap limits what Flink CEP's `times(n, d)` and `oneOrMore(d)` limit: the way from the event before the
   * loop to its first, and from each to the next but for the last of `times`, the repeating part of an open loop, and a
   * round that may be left out once an event was passed over. Default: `'every'`. Refused without a gap.
   */
  readonly gapReading?: 'every' | 'flink'
}

/** How a pattern orders the events it looks at, in event time. */
export interface EventTimeOptions<T> {
  readonly grace: DurationMs
  /** Orders events of the same time, as `Array.sort` does; what it finds equal stays in order of arrival. */
  readonly ties?: (a: T, b: T) => number
}

/** A pattern that says in which order events are looked at. */
export interface PatternStart<T> {
  /**
   * By event time, ties by arrival. An event waits until stream time is more than `grace` ahead of it; what comes later
   * than that is late and goes to the late output.
   */
  order(kind: 'event-time', options: EventTimeOptions<T>): PatternBeginning<T>
  /**
   * As events arrive, without waiting. Nothing is late. An event counts as happening at the stream time of its arrival
   * (the highest event time so far), so that time never runs backwards: an event out of order takes the place, and
   * for `within` the time, at which it arrived.
   */
  order(kind: 'arrival'): PatternBeginning<T>
}

/** `Steps`, `Measured`: in a group, the steps before it. */
export interface PatternBeginning<T, Steps = Record<never, never>, Measured extends string = never> {
  /** The first step. Every event that it takes opens a partial match: matches overlap. */
  readonly begin: AddStep<T, Steps, Measured>
}

/**
 * A pattern under construction; each call returns a new one. Marks (`times`, `optional`, …) apply to the step, or the
 * group, before them. `Steps` maps step names to the types of their events, as they come
 * back from state.
 * Meaning of all of it: Flink CEP, https://nightlies.apache.org/flink/flink-docs-master/docs/libs/cep/.
 * @throws MillraceError `PATTERN_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`, from every method
 */
export interface Pattern<T, Steps, Measured extends string = never> {
  readonly spec: PatternSpec
  /** Strict: the very next event, or the partial match ends. */
  readonly next: AddStep<T, Steps, Measured>
  /** Relaxed: the first event that fits; events that do not fit are passed over. */
  readonly followedBy: AddStep<T, Steps, Measured>
  /** Any: every event that fits makes a branch of its own. */
  readonly followedByAny: AddStep<T, Steps, Measured>
  /** The very next event must not fit. At the end of a pattern one more event is needed, one that does not fit. */
  notNext(name: string, condition: Condition<T, Steps, Measured>): Pattern<T, Steps, Measured>
  /**
   * Between the step before (a loop: from its first event on; a group that loops: from the end of its first round on,
   * while no round is under way) and the step after, no event may fit. An optional step after it lifts it by taking an
   * event. The event that completes a match may fit. At the end of a pattern, the match is complete when the window ends.
   */
  notFollowedBy(name: string, condition: Condition<T, Steps, Measured>): Pattern<T, Steps, Measured>
  /** The step takes only events that fit this too. Left to right: `x`, `.where(y)`, `.or(z)` is (x and y) or z. */
  where(condition: Condition<T, Steps, Measured>): Pattern<T, Steps, Measured>
  /** The step also takes events that fit this. */
  or(condition: Condition<T, Steps, Measured>): Pattern<T, Steps, Measured>
  /** Exactly `n` events; events between them that do not fit are passed over. */
  times(n: number, options?: LoopOptions): Pattern<T, Steps, Measured>
  /** `from` to `to` events; from 0: optional. */
  times(from: number, to: number, options?: LoopOptions): Pattern<T, Steps, Measured>
  atLeast(n: number, options?: LoopOptions): Pattern<T, Steps, Measured>
  oneOrMore(options?: LoopOptions): Pattern<T, Steps, Measured>
  /** The step may be absent. Where it ends the pattern, the shorter match goes out at once and the longer one later. */
  optional(): Pattern<T, Steps, Measured>
  /** While an event fits the loop, the step after it does not take or pass it: of each start only the longest loop goes on. */
  greedy(): Pattern<T, Steps, Measured>
  /** In the loop, an event that does not fit ends it. Of a group: between two rounds. */
  consecutive(): Pattern<T, Steps, Measured>
  /** In the loop, events that fit may be passed over too. Of a group: events that fit the first step of another round. */
  allowCombinations(): Pattern<T, Steps, Measured>
  /**
   * Ends an unbounded loop: an event that fits is neither taken nor passed over by the loop; the next step may take it.
   * Of a group: by none of its steps, and not while the group is waited for either.
   */
  until(condition: Condition<T, Steps, Measured>): Pattern<T, Steps, Measured>
  /** A match lasts less than `duration`: an event at first event + `duration` is outside. Of several, the shortest holds. */
  within(duration: DurationMs): Pattern<T, Steps, Measured>
  /**
   * The step's first event comes less than `duration` after the event taken before it (Flink: `PREVIOUS_AND_CURRENT`).
   * On a `notFollowedBy` at the end: the match is complete when so much time has gone by without an event that fits.
   */
  withinPrevious(duration: DurationMs): Pattern<T, Steps, Measured>
  /**
   * What a match, from event s to event e, discards of other matches by their first event x. Default `'no-skip'`: nothing.
   * `'to-next'`: x <= s. `'past-last-event'`: x <= e. `{ toFirst }`, `{ toLast }`: x before the step's first or last
   * event. If the step is absent: nothing, or with `onMiss: 'error'` the record that completed the match is parked
   * (`SKIP_MISSED`), and so is one whose match would be skipped to its own first event. With any but `'no-skip'`, a match
   * waits while a partial match with an earlier first event is alive, and matches go out in the order of their first
   * events; of several with the same first event, what was complete first, then what left its loops latest.
   */
  skip(strategy: Skip<keyof Steps & string>): Pattern<T, Steps, Measured>
  /**
   * How much of a key is held for the pattern at the most, and deleted at a time; what is not named stays at its default.
   * A change of them applies from the next event on: state is kept.
   * @example .bounds({ partialMatchesMax: 200, keptEventsMax: 5_000 })
   */
  bounds(bounds: Partial<PatternBounds>): Pattern<T, Steps, Measured>
}

/**
 * Starts a pattern over events of type `T`.
 * @example pattern<Payment>().order('arrival').begin('small', (p) => p.amount < 1).atLeast(3).followedBy('large', (p) => p.amount > 1000).within(minutes(5)).skip('past-last-event')
 */
export const pattern = <T>(): PatternStart<T> => beginning() as PatternStart<T>
