/** Named bounds of patterns. */
export const patternLimits = {
  /** Conditions of one pattern: one per step, one per `until`. */
  conditionsMax: 30,
  /** Largest number in `times` and `atLeast`. */
  timesMax: 1_000,
  /** Events that a match names: the first half and the last half of them; the others are counted in `match.more`. */
  namedEventsMax: 1_000,
  /** Cells that one engine event deletes at most: an event must fit one commit, whatever it ends. */
  deletesMax: 256,
  /** Values whose JSON may be longer than this are encoded and measured when they are stored. */
  plainBytesMax: 16 * 1024,
}

/** What a key may hold of one pattern, and who hears of what was given up. */
export interface PatternBounds {
  /** Partial matches of a key, where each is kept apart. Default 1,000. */
  readonly partialMatchesMax: number
  /** Events of a partial match, or of a run of events that a key's partial matches share. Default 200,000. */
  readonly keptEventsMax: number
  /**
   * Called with the number of partial matches that were dropped at a bound: those with the oldest first event, as if
   * their window had ended. For metrics: an event that is folded again is counted again.
   */
  readonly onDropped: (count: number) => void
}

export const defaultBounds: PatternBounds = { partialMatchesMax: 1_000, keptEventsMax: 200_000, onDropped: () => {} }
