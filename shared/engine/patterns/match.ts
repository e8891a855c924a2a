import type { Key } from '../key.ts'
import type { EventPosition } from '../place.ts'

/** An event that a step took. */
export interface MatchedEvent<Name extends string = string, Value = unknown> extends EventPosition {
  readonly step: Name
  /** The event's own time, epoch ms. */
  readonly timeMs: number
  /** As JSON gives it back: a `Date` is a string. */
  readonly value: Value
}

/** The event types of the steps by name, as one union that tells them apart by `step`. */
export type EventOf<Steps> = { [Name in keyof Steps & string]: MatchedEvent<Name, Steps[Name]> }[keyof Steps & string]

/** One match of a pattern. `Steps` maps the names of its steps to the types of their events. */
export interface Match<Steps> {
  readonly key: Key
  /** Time of the first event, epoch ms; in arrival order: stream time when it arrived. */
  readonly startMs: number
  /**
   * When the match was complete, epoch ms: the time of the last event; where the pattern ends with `notNext`, of the
   * event that proved the absence; where it ends with `notFollowedBy`, the (exclusive) end of the window. In arrival order
   * behind `keyBy(fn)`, -1 while there is no stream time: not every partition of the source was heard of.
   */
  readonly endMs: number
  /** How many events of the match are not named: with more than 1,000, the first 500 and the last 500 are. */
  readonly more: number
  /** The events in the order they were taken. */
  all(): readonly EventOf<Steps>[]
  /** The events of one step in the order they were taken; none if the step is optional and was absent. */
  step<Name extends keyof Steps & string>(name: Name): readonly MatchedEvent<Name, Steps[Name]>[]
}

/**
 * Partial matches that time has ended. There is one for all partial matches that began with the same event, when time ends
 * the last of them and none becomes a match by it: the one that comes first in the order of matches.
 */
export interface TimedOut<Steps, K = Key> {
  readonly key: K
  /** Time of the first event, epoch ms; in arrival order: stream time when it arrived. */
  readonly startMs: number
  /** When it ended, epoch ms: first event + window, or last event + gap; not the time of what made it known. */
  readonly endMs: number
  /** What ended it: the window of the whole match, or the gap to the event that was to come next. */
  readonly why: 'within' | 'gap'
  /** The events taken so far, in order; with more than 100, the first 50 and the last 50. */
  readonly events: readonly EventOf<Steps>[]
  /** How many events are not named. */
  readonly more: number
}

/**
 * What a condition sees of the partial match that it decides for; the event at hand is not part of it.
 * `Measured`: the steps that were given a `measure`. Everything but `step` and `values` is kept up to date with each event.
 */
export interface SoFar<Steps, Measured extends string = never> {
  /** The events that a step has taken so far, oldest first. Costs a walk over all events taken. */
  step<Name extends keyof Steps & string>(name: Name): readonly MatchedEvent<Name, Steps[Name]>[]
  /** The values of {@link SoFar.step}. */
  values<Name extends keyof Steps & string>(name: Name): readonly Steps[Name][]
  /** How many events the step has taken. */
  count(name: keyof Steps & string): number
  /** The first event that the step has taken; undefined: none. */
  first<Name extends keyof Steps & string>(name: Name): MatchedEvent<Name, Steps[Name]> | undefined
  /** The last one. */
  last<Name extends keyof Steps & string>(name: Name): MatchedEvent<Name, Steps[Name]> | undefined
  /** Of the measure of the step's events; 0 without any. */
  sum(name: Measured): number
  /** Undefined without any event. */
  min(name: Measured): number | undefined
  max(name: Measured): number | undefined
  mean(name: Measured): number | undefined
}

/** Steps and values as the engine handles them. */
export type AnySteps = Record<string, unknown>

/** A match over `events`, oldest first. */
export function matchOf(
  key: Key,
  startMs: number,
  endMs: number,
  events: readonly MatchedEvent[],
  more: number,
): Match<AnySteps> {
  return {
    key,
    startMs,
    endMs,
    more,
    all: () => events,
    step: <Name extends string>(name: Name) => events.filter((event) => event.step === name) as MatchedEvent<Name>[],
  }
}
