/** Fate of each record read. `read = counted + filtered + late + parked + duplicatesDropped`, always. */
export interface Counts {
  read: number
  counted: number
  filtered: number
  late: number
  parked: number
  /** Repeats of an identity that was taken, and of an id of `distinct`. */
  duplicatesDropped: number
  /** (record, window) pairs refused although the record was counted in another window. */
  lateWindows: number
  /** Partial matches of patterns that were given up at a bound. */
  partialMatchesDropped: number
  /** Events that features of fraud rules looked back on and that were let go at a bound. */
  keptEventsDropped: number
  /** Records and rows put out; parked entries and progress records are not among them. */
  emitted: number
}

export const zeroCounts = (): Counts => ({
  read: 0,
  counted: 0,
  filtered: 0,
  late: 0,
  parked: 0,
  duplicatesDropped: 0,
  lateWindows: 0,
  partialMatchesDropped: 0,
  keptEventsDropped: 0,
  emitted: 0,
})

const names = Object.keys(zeroCounts()) as (keyof Counts)[]

export function addCounts(a: Counts, b: Counts, sign: 1 | -1 = 1): Counts {
  const sum = zeroCounts()
  for (const name of names) sum[name] = a[name] + sign * b[name]
  return sum
}

/** True when every record read has exactly one fate. */
export const countsBalance = (c: Counts): boolean =>
  c.read === c.counted + c.filtered + c.late + c.parked + c.duplicatesDropped
