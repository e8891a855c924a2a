import { MillraceError } from '../../errors.ts'
import type { CellStore } from '../machine.ts'
import type { EventPosition, Place } from '../place.ts'
import type { AlertEvent } from './alert.ts'
import { eventId, type PlacedEvent, placed } from './event-cells.ts'
import type { ProfileSpec } from './profile.ts'

/** Events of the key that recents look back on; more than this, and the oldest are let go. */
export const KEPT_EVENTS_MAX = 1_000

/** What a key has been before the event at hand: the last event, and the states of the `always` features. */
export type Memory = readonly [timeMs: number, place: Place, previous: readonly unknown[], always: readonly unknown[]]

/** Which features a rule has looked at: they are what its alert names. */
export interface Looked {
  /** Longest stretch asked of a recent, ms; 0: none. */
  recentMs: number
  previous: boolean
}

/**
 * The features of a key at one event, computed when a rule asks. One object serves all rules of the event;
 * {@link look} starts over what is noted for the next one.
 */
export class CaseView {
  readonly seen: Record<string, unknown> = {}
  looked: Looked = { recentMs: 0, previous: false }
  readonly #cells: CellStore
  readonly #spec: ProfileSpec
  readonly #event: PlacedEvent
  readonly #memory: Memory | undefined
  #kept: readonly PlacedEvent[] = []
  #keptFromMs = Number.POSITIVE_INFINITY
  readonly #results = new Map<string, unknown>()

  constructor(cells: CellStore, spec: ProfileSpec, event: PlacedEvent, memory: Memory | undefined) {
    this.#cells = cells
    this.#spec = spec
    this.#event = event
    this.#memory = memory
    for (const { name, feature } of spec.recents)
      this.seen[name] = (durationMs: number) => {
        if (!(durationMs >= 1 && durationMs <= feature.upToMs))
          throw new MillraceError('CODE_FAILED', { error: `a look back of ${durationMs} ms`, what: 'record' })
        if (durationMs > this.looked.recentMs) this.looked.recentMs = durationMs
        return this.#once(`${name}/${durationMs}`, () => {
          let state = feature.aggregate.initialize()
          for (const { value, timeMs } of this.recent(durationMs)) state = feature.aggregate.add(state, value, timeMs)
          return feature.aggregate.result(state)
        })
      }
    spec.always.forEach(({ name, feature }, i) => {
      lazily(this.seen, name, () =>
        this.#once(name, () =>
          feature.aggregate.result(memory === undefined ? feature.aggregate.initialize() : memory[3][i]),
        ),
      )
    })
    spec.previous.forEach(({ name }, i) => {
      lazily(this.seen, name, () => {
        this.looked.previous = true
        return memory === undefined ? undefined : { timeMs: memory[0], value: memory[2][i] }
      })
    })
  }

  look(): void {
    this.looked = { recentMs: 0, previous: false }
  }

  /** The newest events of the key, `durationMs` of them, oldest first, the one at hand included. */
  recent(durationMs: number): readonly PlacedEvent[] {
    const { timeMs } = this.#event
    const kept = this.#keptSince(Math.max(0, timeMs - durationMs + 1))
    let from = kept.length
    while (from > 0 && kept[from - 1]!.timeMs > timeMs - durationMs) from--
    return from === 0 ? kept : kept.slice(from)
  }

  /** Lets go of the oldest kept events beyond the bound. @returns how many */
  trim(): number {
    // Most keys have fewer cells of any kind.
    if (this.#cells.size <= KEPT_EVENTS_MAX) return 0
    const from = eventId(Math.max(0, this.#event.timeMs - this.#spec.horizonMs + 1), 0)
    const beyond = Math.max(0, this.#cells.count(from, this.#end()) - KEPT_EVENTS_MAX)
    if (beyond > 0) for (const id of this.#cells.ids(from, this.#end(), beyond)) this.#cells.delete(id)
    return beyond
  }

  /** Those that were read before are read once. */
  #keptSince(fromMs: number): readonly PlacedEvent[] {
    if (fromMs >= this.#keptFromMs) return this.#kept
    const end = this.#kept.length === 0 ? this.#end() : this.#kept[0]!.id
    const older = this.#cells.range(eventId(fromMs, 0), end).map(([id, value]) => placed(id, value))
    this.#kept = this.#kept.length === 0 ? older : [...older, ...this.#kept]
    this.#keptFromMs = fromMs
    return this.#kept
  }

  /** What waits for its turn sorts behind the event at hand. */
  #end(): string {
    return `${this.#event.id}\u0000`
  }

  /** The events that stand behind what was looked at, as an alert names them, oldest first. */
  evidence(positionOf: (place: Place) => EventPosition): AlertEvent[] {
    const { recentMs, previous } = this.looked
    const named = (step: string, { timeMs, place }: Pick<PlacedEvent, 'timeMs' | 'place'>) => ({
      step,
      ...positionOf(place),
      timeMs,
    })
    const recents = recentMs === 0 ? [] : this.recent(recentMs).slice(0, -1)
    const events = [...recents.map((event) => named('recent', event)), named('event', this.#event)]
    if (!previous || this.#memory === undefined) return events
    const [timeMs, place] = this.#memory
    // Most often the last of the recents; else it is older than they are.
    const isRecent = recents.some((event) => String(event.place) === String(place))
    return isRecent ? events : [named('previous', { timeMs, place }), ...events]
  }

  #once(name: string, compute: () => unknown): unknown {
    if (!this.#results.has(name)) this.#results.set(name, compute())
    return this.#results.get(name)
  }
}

function lazily(on: object, name: string, get: () => unknown): void {
  Object.defineProperty(on, name, { get, enumerable: true })
}
