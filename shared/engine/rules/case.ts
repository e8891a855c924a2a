import type { Aggregate } from '../aggregates/aggregate.ts'
import type { CellStore } from '../machine.ts'
import type { EventPosition, Place } from '../place.ts'
import type { AlertEvent } from './alert.ts'
import { eventId, type PlacedEvent, placed, timeOf } from './event-cells.ts'
import type { ProfileSpec } from './profile.ts'
import type { Case } from './rule.ts'
import type { SetRule } from './rule-settings.ts'
import { seenOf } from './seen.ts'

/** Events of the key that recents look back on; more than this, and the oldest are let go. */
export const KEPT_EVENTS_MAX = 1_000

/** An event's cell. */
type Kept = readonly [id: string, value: unknown]
const NOTHING_KEPT: readonly Kept[] = []

/** What a key has been before the event at hand: the last event, and the states of the `always` features. */
export type Memory = readonly [timeMs: number, place: Place, previous: readonly unknown[], always: readonly unknown[]]

/**
 * The features of a key at one event, computed when a rule asks. One object serves all rules and all events, pointed at
 * each event in turn; {@link look} starts over what is noted for the next rule.
 */
export class CaseView {
  readonly seen: object
  /** Longest stretch that the rule has asked of a recent, ms; 0: none. Its alert names what it has looked at. */
  recentMs = 0
  /** The rule has asked for the event before the one at hand. */
  previous = false
  /** Number of the event at hand. */
  eventNo = 0
  readonly #spec: ProfileSpec
  #cells!: CellStore
  #event!: PlacedEvent
  #memory: Memory | undefined
  #kept: readonly Kept[] = NOTHING_KEPT
  /** How much of the time up to the event at hand they cover. */
  #keptMs = 0

  constructor(spec: ProfileSpec) {
    this.#spec = spec
    this.seen = seenOf(spec, this)
  }

  /** Points it at an event. */
  of(cells: CellStore, event: PlacedEvent, memory: Memory | undefined): this {
    this.#cells = cells
    this.#event = event
    this.#memory = memory
    this.#kept = NOTHING_KEPT
    this.#keptMs = 0
    this.eventNo++
    return this
  }

  look(): void {
    this.recentMs = 0
    this.previous = false
  }

  /** What is remembered of a key's event before, by the feature's place; undefined for its first event. */
  before(i: number): { readonly timeMs: number; readonly value: unknown } | undefined {
    return this.#memory && { timeMs: this.#memory[0], value: this.#memory[2][i] }
  }

  /** The state of the `always` feature at place `i`; undefined for a key's first event. */
  always(i: number): unknown {
    return this.#memory?.[3][i]
  }

  /** An aggregate over the newest `durationMs` of the events. */
  over<State>(durationMs: number, aggregate: Aggregate<unknown, State, unknown>): unknown {
    let state = aggregate.initialize()
    const kept = this.#keptSince(durationMs)
    for (let i = this.#firstOf(kept, durationMs); i < kept.length; i++) {
      const [id, value] = kept[i]!
      state = aggregate.add(state, value, timeOf(id))
    }
    return aggregate.result(state)
  }

  /** The newest events of the key, `durationMs` of them, oldest first, the one at hand included. */
  #recent(durationMs: number): readonly PlacedEvent[] {
    const kept = this.#keptSince(durationMs)
    return kept.slice(this.#firstOf(kept, durationMs)).map(([id, value]) => placed(id, value))
  }

  /** Index of the first of the events that is among the newest `durationMs` of them. */
  #firstOf(kept: readonly Kept[], durationMs: number): number {
    if (durationMs === this.#keptMs) return 0
    const first = this.#firstId(durationMs)
    let from = kept.length
    while (from > 0 && kept[from - 1]![0] >= first) from--
    return from
  }

  #firstId(durationMs: number): string {
    return eventId(Math.max(0, this.#event.timeMs - durationMs + 1), 0)
  }

  /** Lets go of the oldest kept events beyond the bound. @returns how many */
  trim(): number {
    // Most keys have fewer cells of any kind.
    if (this.#cells.size <= KEPT_EVENTS_MAX) return 0
    const from = this.#firstId(this.#spec.horizonMs)
    const beyond = Math.max(0, this.#cells.count(from, this.#end()) - KEPT_EVENTS_MAX)
    if (beyond > 0) for (const id of this.#cells.ids(from, this.#end(), beyond)) this.#cells.delete(id)
    return beyond
  }

  /** At least the newest `durationMs` of the events. Those that were read before are read once. */
  #keptSince(durationMs: number): readonly Kept[] {
    if (durationMs <= this.#keptMs) return this.#kept
    const end = this.#kept.length === 0 ? this.#end() : this.#kept[0]![0]
    const older = this.#cells.range(this.#firstId(durationMs), end)
    this.#kept = this.#kept.length === 0 ? older : [...older, ...this.#kept]
    this.#keptMs = durationMs
    return this.#kept
  }

  /** What waits for its turn sorts behind the event at hand. */
  #end(): string {
    return `${this.#event.id}\u0000`
  }

  /** The events that stand behind what was looked at, as an alert names them, oldest first. */
  evidence(positionOf: (place: Place) => EventPosition): AlertEvent[] {
    const { recentMs, previous } = this
    const named = (step: string, { timeMs, place }: Pick<PlacedEvent, 'timeMs' | 'place'>) => ({
      step,
      ...positionOf(place),
      timeMs,
    })
    const recents = recentMs === 0 ? [] : this.#recent(recentMs).slice(0, -1)
    const events = [...recents.map((event) => named('recent', event)), named('event', this.#event)]
    if (!previous || this.#memory === undefined) return events
    const [timeMs, place] = this.#memory
    // Most often the last of the recents; else it is older than they are.
    const isRecent = recents.some((event) => String(event.place) === String(place))
    return isRecent ? events : [named('previous', { timeMs, place }), ...events]
  }
}

/** What a rule is asked with, of the event of the view. */
export const caseOf = (
  { parameters, listed }: SetRule,
  { value, timeMs }: PlacedEvent,
  { seen }: CaseView,
): Case<unknown, unknown, unknown> => ({ event: value, timeMs, seen, parameters, listed })
