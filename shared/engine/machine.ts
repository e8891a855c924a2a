import type { Key } from './key.ts'
import type { EventPosition, Place } from './place.ts'

/** The interval a windowed result belongs to, epoch ms. */
export interface WindowBounds {
  readonly start: number
  readonly end: number
}

/** One record as a machine sees it. */
export interface MachineRecord<In> {
  readonly value: In
  /** Event time, epoch ms. */
  readonly timeMs: number
  /** In the partition that the stage reads. */
  readonly offset: number
  /** Where it came from, to be kept; default: `offset`. */
  readonly place?: Place | undefined
}

/**
 * The cells of the key at hand, by encoded name (see `encodeCellName`). Values are JSON.
 * A value that was put is not to be changed afterwards; put a new one.
 */
export interface CellStore {
  get(id: string): unknown
  /** `wakeAtMs`: when stream time reaches it, `onTimer` is called once; -1: no timer. Replaces value and timer. */
  put(id: string, value: unknown, wakeAtMs?: number): void
  /** Sets the timer of a cell, or with -1 clears it, and leaves the value alone. */
  wake(id: string, wakeAtMs: number): void
  delete(id: string): void
  /** Ids and values with from <= id < to, in order; a snapshot, so cells may change while it is walked. */
  range(from: string, to: string): [id: string, value: unknown][]
  /** Ids with from <= id < to, in order, the first `max` of them: nothing is decoded. */
  ids(from: string, to: string, max?: number): string[]
  /** Id and value of the first cell with from <= id < to. */
  first(from: string, to: string): [id: string, value: unknown] | undefined
  /** Id and value of the last cell with from <= id < to. */
  last(from: string, to: string): [id: string, value: unknown] | undefined
  /** True when there is a cell with from <= id < to. */
  has(from: string, to: string): boolean
  /** How many cells there are with from <= id < to. */
  count(from: string, to: string): number
  /** How many cells the key has, those of whatever else keeps state for it included. */
  readonly size: number
  /** Like `put`, for values that can grow: encodes at once and refuses what is above the limit of a cell. */
  putSized(id: string, value: unknown, wakeAtMs?: number): void
}

/** Settings as one batch sees them: all of its events with the same version. */
export interface PinnedSettings {
  /** Grows with each change; 0: those of the declaration. */
  readonly version: number
  readonly value: unknown
}

/** What a machine may do while it handles one event. Valid only during the call. */
export interface Context<Out> {
  readonly key: Key
  readonly cells: CellStore
  /** Highest event time so far, the event at hand included. */
  readonly streamTimeMs: number
  readonly partition: number
  readonly topic: string
  /** What `place` says outside of the stage. */
  positionOf(place: Place): EventPosition
  /** The settings that the batch has pinned; undefined where the processor declares none, or none were ever given. */
  readonly settings: PinnedSettings | undefined
  /** Puts out a result; null deletes what was put out before under this key (and window). */
  emit(value: Out | null, timeMs: number, window?: WindowBounds): void
  /** Deletes what was put out before: on a topic with a key of its own, under the key that `like` would go out under. */
  retract(like: Out, timeMs: number, window?: WindowBounds): void
  /** The record is too late for everything, by so many ms: it goes to the late output and changes no state. */
  late(byMs: number): void
  /** The record repeats one that was taken: it changes no state and is counted as a dropped duplicate. */
  repeat(): void
  /** The record is too late for this many windows but was taken by another one. */
  lateWindows(count: number): void
  /** The record belongs to nothing here, and changes no state: it counts as filtered. */
  skip(): void
  /** Partial matches ended by time: what `make` returns goes to the time-out output. Not called where there is none. */
  timedOut(make: () => unknown, timeMs: number): void
  /** Someone reads time-outs. */
  readonly wantsTimedOut: boolean
  /** So many partial matches were given up at a bound. */
  partialMatchesDropped(count: number): void
  /** So many events that are looked back on were let go at a bound. */
  keptEventsDropped(count: number): void
}

/**
 * A keyed state machine with timers over cells: the one abstraction under windows, aggregates, patterns and users' own.
 * Both methods are pure: same cells, same event, same effects. What they throw undoes the event and parks its record
 * (or, for a timer, its cell).
 */
export interface Machine<In, Out> {
  /** Names everything that state's meaning depends on; a change of it never reads old state as new. */
  readonly signature: string
  /** Its timers may set timers for ever: there is no time at which all that is open has closed. Default false. */
  readonly endless?: boolean
  onRecord(context: Context<Out>, record: MachineRecord<In>): void
  /** The timer of cell `id` fired; it is already cleared. Stream time is `timeMs`. */
  onTimer(context: Context<Out>, id: string, timeMs: number): void
  /**
   * `onTimer` threw, and cell `id`, which held `value`, is parked and deleted: the place to set the timers that it would
   * have set, so that other windows do not fall with it. Must not throw, and puts nothing out.
   * @returns true when state has gone on without the cell, which can then never be put back
   */
  onTimerParked?(context: Context<Out>, id: string, value: unknown): boolean
}
