import type { DurationMs } from '../../time.ts'
import type { Overlap } from './overlap.ts'
import type { Panes } from './panes.ts'
import { checkDuration, type WindowWithoutGrace, withGrace } from './window.ts'

/**
 * Windows that slide with the records: one for each distinct set of records that fits into `difference`.
 *
 * `window` is `[start, start + difference]`, both inclusive. A record at t makes the window that ends with it,
 * `[t - difference, t]`, and the one that begins after it, `[t + 1, t + 1 + difference]`, where that holds a record. Records
 * before `difference` share `[0, difference]` instead of the first kind. No window is empty, none is there twice.
 * A window closes one ms after stream time has reached its end plus the grace. A record is late when even
 * `[t, t + difference]` would be closed; when only the window that ends with it is, the record is taken for the others and
 * counts in `lateWindows`, once: which other windows that are closed would have held it is not known any more, since what
 * a window needs to be known goes when it closes. A result's time is the highest event time inside.
 *
 * These are the windows of Kafka Streams, but that a record taken is in every later window that spans it: there, one that
 * no open window held when it came is forgotten. An update goes out once per window, by start.
 *
 * Records of one ms are kept as one state per key until no window can hold them; where an aggregate looks at the order of
 * records, that is by time, and within one ms as they came.
 *
 * @throws MillraceError `DURATION_INVALID`
 * @example sliding(minutes(5)).grace(seconds(30))
 */
export function sliding(difference: DurationMs): WindowWithoutGrace {
  checkDuration('sliding(difference)', 'difference', difference, 1)
  return withGrace(`sliding(${difference})`, (graceMs) => ({
    kind: 'overlapping',
    overlap: slides(difference, graceMs),
  }))
}

function slides(differenceMs: number, graceMs: number): Overlap {
  const sizeMs = differenceMs + 1
  const itself = (timeMs: number): number => timeMs
  const endingWith = (timeMs: number): number => Math.max(0, timeMs - differenceMs)

  function changedStarts(panes: Panes, timeMs: number, openFrom: number, firstInPane: boolean): number[] {
    const starts = new Set<number>()
    for (const [time] of panes.range(timeMs - sizeMs, timeMs)) starts.add(time + 1)
    for (const [time] of panes.range(timeMs, timeMs + sizeMs)) starts.add(endingWith(time))
    // The window after the record: new unless there were records at its time, or one with which the same window ends.
    const after = panes.range(timeMs + 1, timeMs + 1 + sizeMs)
    if (firstInPane && after.length > 0 && after.at(-1)![0] !== timeMs + sizeMs) starts.add(timeMs + 1)
    return [...starts].filter((start) => start >= openFrom).sort((a, b) => a - b)
  }

  return {
    sizeMs,
    graceMs,
    endInclusive: true,
    paneOf: itself,
    firstStart: endingWith,
    lastStart: itself,
    openStart: (timeMs, openFrom) => (endingWith(timeMs) >= openFrom ? endingWith(timeMs) : timeMs + 1),
    closedWindows: (timeMs, openFrom) => (endingWith(timeMs) < openFrom ? 1 : 0),
    changedStarts,
    nextStart(panes, start) {
      const behind = panes.firstFrom(start)
      const endsNext = panes.firstFrom(start + sizeMs)
      if (behind === undefined) return undefined
      return endsNext === undefined ? behind + 1 : Math.min(behind + 1, endingWith(endsNext))
    },
    neededFrom: itself,
    lastNeeding: (timeMs) => timeMs + 1,
  }
}
