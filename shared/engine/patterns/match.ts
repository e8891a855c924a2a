import type { Key } from '../key.ts'

/** An event that a step took. */
export interface MatchedEvent<Name extends string = string, Value = unknown> {
  readonly step: Name
  readonly topic: string
  readonly partition: number
  readonly offset: number
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
   * event that proved the absence; where it ends with `notFollowedBy`, the (exclusive) end of the window.
   */
  readonly endMs: number
  /** How many events of the match are not named: with more than 1,000, the first 500 and the last 500 are. */
  readonly more: number
  /** The events in the order they were taken. */
  all(): readonly EventOf<Steps>[]
  /** The events of one step in the order they were taken; none if the step is optional and was absent. */
  step<Name extends keyof Steps & string>(name: Name): readonly MatchedEvent<Name, Steps[Name]>[]
}

/** What a condition sees of the partial match that it decides for; the event at hand is not part of it. */
export interface SoFar<Steps> {
  /** The events that a step has taken so far, oldest first. */
  step<Name extends keyof Steps & string>(name: Name): readonly MatchedEvent<Name, Steps[Name]>[]
  /** The values of {@link SoFar.step}. */
  values<Name extends keyof Steps & string>(name: Name): readonly Steps[Name][]
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

/** The events that `read` delivers when a condition asks for them, and only then. */
export function soFarOf(read: () => readonly MatchedEvent[]): SoFar<AnySteps> {
  let events: readonly MatchedEvent[] | undefined
  const step = <Name extends string>(name: Name) => {
    events ??= read()
    return events.filter((event) => event.step === name) as MatchedEvent<Name>[]
  }
  return { step, values: (name) => step(name).map((event) => event.value) }
}
