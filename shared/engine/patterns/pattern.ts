import type { DurationMs } from '../../time.ts'
import type { Jsonified } from '../jsonified.ts'
import { beginning } from './builder.ts'
import type { PatternSpec } from './declaration.ts'
import type { SoFar } from './match.ts'

/**
 * Decides whether a step takes an event. Pure. One that looks at the events so far must name the second parameter
 * plainly: by that, conditions that depend on the event alone are told apart, and evaluated once, when the event arrives.
 */
export type Condition<T, Steps> = (event: T, soFar: SoFar<Steps>) => boolean

/** Events that a step has taken are kept in state, as JSON. */
type Kept<Name extends string, T> = Record<Name, Jsonified<T>>

/** Adds a step that takes events. A type guard narrows the type of its events. */
export interface AddStep<T, Steps> {
  <const Name extends string, Narrow extends T>(
    name: Name,
    condition: (event: T, soFar: SoFar<Steps & Kept<Name, T>>) => event is Narrow,
  ): Pattern<T, Steps & Kept<Name, Narrow>>
  <const Name extends string>(
    name: Name,
    condition: Condition<T, Steps & Kept<Name, T>>,
  ): Pattern<T, Steps & Kept<Name, T>>
}

/** Where, after a match, the search goes on. */
export type Skip<Name extends string> =
  | 'no-skip'
  | 'to-next'
  | 'past-last-event'
  | { readonly toFirst: Name }
  | { readonly toLast: Name }

/** A pattern that says in which order events are looked at. */
export interface PatternStart<T> {
  /**
   * By event time, ties by arrival. An event waits until stream time is more than `grace` ahead of it; what comes later
   * than that is late and goes to the late output.
   */
  order(kind: 'event-time', options: { readonly grace: DurationMs }): PatternBeginning<T>
  /**
   * As events arrive, without waiting. Nothing is late. An event counts as happening at the stream time of its arrival
   * (the highest event time so far), so that time never runs backwards: an event out of order takes the place, and
   * for `within` the time, at which it arrived.
   */
  order(kind: 'arrival'): PatternBeginning<T>
}

export interface PatternBeginning<T> {
  /** The first step. Every event that it takes opens a partial match: matches overlap. */
  readonly begin: AddStep<T, Record<never, never>>
}

/**
 * A pattern under construction; each call returns a new one. Marks (`times`, `optional`, …) apply to the step before them.
 * `Steps` maps step names to the types of their events, as they come back from state.
 * Meaning of all of it: Flink CEP, https://nightlies.apache.org/flink/flink-docs-master/docs/libs/cep/.
 * @throws MillraceError `PATTERN_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`, from every method
 */
export interface Pattern<T, Steps> {
  readonly spec: PatternSpec
  /** Strict: the very next event, or the partial match ends. */
  readonly next: AddStep<T, Steps>
  /** Relaxed: the first event that fits; events that do not fit are passed over. */
  readonly followedBy: AddStep<T, Steps>
  /** Any: every event that fits makes a branch of its own. */
  readonly followedByAny: AddStep<T, Steps>
  /** The very next event must not fit. At the end of a pattern one more event is needed, one that does not fit. */
  notNext(name: string, condition: Condition<T, Steps>): Pattern<T, Steps>
  /**
   * Between the step before (a loop: from its first event on) and the step after, no event may fit. An optional step
   * after it lifts it by taking an event. The event that completes a match may fit. At the end of a pattern, the match
   * is complete when the window ends.
   */
  notFollowedBy(name: string, condition: Condition<T, Steps>): Pattern<T, Steps>
  /** Exactly `n` events; events between them that do not fit are passed over. */
  times(n: number): Pattern<T, Steps>
  /** `from` to `to` events; from 0: optional. */
  times(from: number, to: number): Pattern<T, Steps>
  atLeast(n: number): Pattern<T, Steps>
  oneOrMore(): Pattern<T, Steps>
  /** The step may be absent. Where it ends the pattern, the shorter match goes out at once and the longer one later. */
  optional(): Pattern<T, Steps>
  /** While an event fits the loop, the step after it does not take or pass it: of each start only the longest loop goes on. */
  greedy(): Pattern<T, Steps>
  /** In the loop, an event that does not fit ends it. */
  consecutive(): Pattern<T, Steps>
  /** In the loop, events that fit may be passed over too. */
  allowCombinations(): Pattern<T, Steps>
  /** Ends an unbounded loop: an event that fits is neither taken nor passed over by the loop; the next step may take it. */
  until(condition: Condition<T, Steps>): Pattern<T, Steps>
  /** A match lasts less than `duration`: an event at first event + `duration` is outside. Of several, the shortest holds. */
  within(duration: DurationMs): Pattern<T, Steps>
  /**
   * What a match, from event s to event e, discards of other matches by their first event x. Default `'no-skip'`: nothing.
   * `'to-next'`: x <= s. `'past-last-event'`: x <= e. `{ toFirst }`, `{ toLast }`: x before the step's first or last
   * event; nothing if the step is absent. With any but `'no-skip'`, a match waits while a partial match with an earlier
   * first event is alive, and matches go out in the order of their first events; of several with the same first event,
   * what was complete first, then what left its loops latest.
   */
  skip(strategy: Skip<keyof Steps & string>): Pattern<T, Steps>
}

/**
 * Starts a pattern over events of type `T`.
 * @example pattern<Payment>().order('arrival').begin('small', (p) => p.amount < 1).atLeast(3).followedBy('large', (p) => p.amount > 1000).within(minutes(5)).skip('past-last-event')
 */
export const pattern = <T>(): PatternStart<T> => beginning() as PatternStart<T>
