import type { Key } from '../key.ts'
import type { EventPosition } from '../place.ts'
import type { Action, Comparison } from './rule.ts'

/** An event that an alert rests on. */
export interface AlertEvent extends EventPosition {
  /** The pattern's step; for other rules `event` (the one at hand), `recent` or `previous`. */
  readonly step: string
  readonly timeMs: number
}

/** What a rule puts out. It explains itself: every value that was compared, and every event, by position. */
export interface Alert<K = Key> {
  /**
   * Stable: the same rule on the same event has the same id, whenever and however often it is computed. Behind
   * `keyBy(fn)`, where one event can be of several keys, the key is part of it.
   */
  readonly id: string
  readonly rule: string
  /** Of the rule's code, as it is declared. */
  readonly ruleVersion: number
  /** Version of the settings that the verdict was made with; 0: those of the declaration. */
  readonly version: number
  readonly action: Action
  /** True: on trial; not to be acted upon. */
  readonly shadow: boolean
  readonly key: K
  /** Time of the event that completed it, epoch ms. */
  readonly timeMs: number
  /** First and last ms that the rule looked at, both included; null for a rule that looked at no stretch of time. */
  readonly window: { readonly start: number; readonly end: number } | null
  readonly compared: readonly Comparison[]
  /** Oldest first; at most 100 are named. */
  readonly events: readonly AlertEvent[]
  /** How many events are not named. */
  readonly more: number
}

/** Events that an alert names: the first half and the last half of the most. */
export const ALERT_EVENTS_MAX = 100

/** Names the first and the last of `events`, which are in order. */
export function nameEvents(events: readonly AlertEvent[]): { events: readonly AlertEvent[]; more: number } {
  const more = Math.max(0, events.length - ALERT_EVENTS_MAX)
  if (more === 0) return { events, more }
  const half = ALERT_EVENTS_MAX / 2
  return { events: [...events.slice(0, half), ...events.slice(-half)], more }
}
