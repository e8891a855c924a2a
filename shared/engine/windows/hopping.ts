import { MillraceError } from '../../errors.ts'
import type { DurationMs } from '../../time.ts'
import { windowLimits } from './limits.ts'
import type { Overlap } from './overlap.ts'
import { checkDuration, checkOptionNames, type WindowWithoutGrace, withGrace } from './window.ts'

/**
 * Windows of one size of which a new one begins every `advance`, so that a record is in size / advance of them.
 *
 * A window covers `[start, start + size)`: its end is exclusive. Starts are the multiples of `advance` from the epoch on,
 * never below 0. A window closes when stream time reaches its end plus the grace; a record that comes for windows of which
 * some are closed counts in the others. Windows without a record put nothing out. A result's time is the highest event
 * time inside.
 *
 * Where an aggregate looks at the order of records, that is by pane (the stretches between starts and ends of windows),
 * and within one as they came.
 *
 * @throws MillraceError `DURATION_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID` (advance above size, or less than a
 * thousandth of it)
 * @example hopping(minutes(10), { advance: minutes(1) }).grace(seconds(30))
 */
export function hopping(size: DurationMs, options: { advance: DurationMs }): WindowWithoutGrace {
  const where = 'hopping(size, { advance })'
  checkDuration(where, 'size', size, 1)
  checkOptionNames(where, options, ['advance'])
  const { advance } = options
  checkDuration(where, 'advance', advance, 1)
  const most = windowLimits.windowsPerRecordMax
  if (advance > size || advance * most < size)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'advance',
      given: advance,
      must: `at most the size (${size}), so that no record is left out, and at least a ${most}th of it`,
    })
  return withGrace(`hopping(${size}, { advance: ${advance} })`, (graceMs) => ({
    kind: 'overlapping',
    overlap: hops(size, advance, graceMs),
  }))
}

function hops(sizeMs: number, advanceMs: number, graceMs: number): Overlap {
  // Windows begin at multiples of the advance, and end this far behind one: two panes per advance at the most.
  const endsBehind = sizeMs % advanceMs
  const floor = (timeMs: number): number => timeMs - (timeMs % advanceMs)
  const ceil = (timeMs: number): number => floor(timeMs + advanceMs - 1)
  const firstStart = (timeMs: number): number => floor(Math.max(0, timeMs - sizeMs + advanceMs))
  const openStart = (timeMs: number, openFrom: number): number =>
    Math.max(firstStart(timeMs), ceil(Math.max(0, openFrom)))
  return {
    sizeMs,
    graceMs,
    endInclusive: false,
    paneOf(timeMs) {
      const start = floor(timeMs)
      return timeMs - start < endsBehind ? start : start + endsBehind
    },
    firstStart,
    lastStart: floor,
    openStart,
    closedWindows: (timeMs, openFrom) => (openStart(timeMs, openFrom) - firstStart(timeMs)) / advanceMs,
    changedStarts(_, timeMs, openFrom) {
      const starts: number[] = []
      for (let start = openStart(timeMs, openFrom); start <= timeMs; start += advanceMs) starts.push(start)
      return starts
    },
    nextStart(panes, start) {
      const pane = panes.firstFrom(start + advanceMs)
      return pane === undefined ? undefined : Math.max(start + advanceMs, firstStart(pane))
    },
    neededFrom: (start) => start + advanceMs,
    lastNeeding: floor,
  }
}
