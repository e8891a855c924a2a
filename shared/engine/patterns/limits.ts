/** Named bounds of patterns. */
export const patternLimits = {
  /** Conditions of one pattern: one per step, one per `until`. */
  conditionsMax: 30,
  /** States of one pattern: what its loops multiply to. */
  statesMax: 20_000,
  /** Largest number in `times` and `atLeast`. */
  timesMax: 1_000,
  /** Rules of one list. */
  rulesMax: 100,
  /** Events that a match names: the first half and the last half of them; the others are counted in `match.more`. */
  namedEventsMax: 1_000,
  /** The same of a time-out. */
  timedOutEventsMax: 100,
  /** Cells that one engine event deletes at most: an event must fit one commit, whatever it ends. */
  deletesMax: 256,
  /** Values whose JSON may be longer than this are encoded and measured when they are stored. */
  plainBytesMax: 16 * 1024,
}

/** What a key may hold of one pattern. What is given up at a bound is counted (`partialMatchesDropped`). */
export interface PatternBounds {
  /**
   * Partial matches of a key, where each is kept apart. Default 1,000. At the bound those with the oldest first event are
   * dropped, as if their window had ended, but without a time-out.
   */
  readonly partialMatchesMax: number
  /** Events of a partial match, or of a run of events that a key's partial matches share. Default 200,000. The same holds. */
  readonly keptEventsMax: number
  /**
   * Events of a key that wait for stream time to pass them. Default 10,000. One more is not taken: it is late, by 0 ms.
   */
  readonly waitingEventsMax: number
}

export const defaultBounds: PatternBounds = {
  partialMatchesMax: 1_000,
  keptEventsMax: 200_000,
  waitingEventsMax: 10_000,
}
