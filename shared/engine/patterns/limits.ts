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
  /** Values whose JSON may be longer than this are encoded and measured when they are stored. */
  plainBytesMax: 16 * 1024,
}

/** What a key may hold of one pattern. What is given up at a bound is counted (`partialMatchesDropped`). */
export interface PatternBounds {
  /**
   * Partial matches of a key, where each is kept apart. Default 1,000, at most 10,000. At the bound those with the oldest
   * first event are dropped, as if their window had ended, but without a time-out.
   */
  readonly partialMatchesMax: number
  /**
   * Events of a partial match, or of a run of events that a key's partial matches share. Default 200,000, at most
   * 1,000,000. The same holds.
   */
  readonly keptEventsMax: number
  /**
   * Events of a key that wait for stream time to pass them. Default 10,000, at most 1,000,000. One more is not taken: it
   * is late, by 0 ms. In a list of rules events wait once for all: of those that the rules name, the highest holds.
   */
  readonly waitingEventsMax: number
  /**
   * Cells that one event deletes, whatever it ends: it must fit one commit. Default and at most 256; less for keys of
   * hundreds of characters. What is left goes by timers, at once.
   */
  readonly deletesMax: number
}

export const defaultBounds: PatternBounds = {
  partialMatchesMax: 1_000,
  keptEventsMax: 200_000,
  waitingEventsMax: 10_000,
  deletesMax: 256,
}

/** The most that a declaration may ask for. */
export const boundsMax: PatternBounds = {
  partialMatchesMax: 10_000,
  keptEventsMax: 1_000_000,
  waitingEventsMax: 1_000_000,
  deletesMax: 256,
}
