import { type DurationMs, seconds } from '../../time.ts'
import { type Aggregate, finite } from './aggregate.ts'
import { type Compensated, plus, plusBoth } from './compensated.ts'
import { checkCallback, checkDuration, checkKnown } from './options.ts'

export interface RateOptions<In> {
  /** What each record adds. Default 1: the rate of records. */
  of?: (value: In) => number
  /** The unit of time of the result. Default a second. */
  per?: DurationMs
  /** The length of time to divide by: the window's size. Default: from the first event time to the last. */
  over?: DurationMs
}

/** Total, and which part of it came with the record of the earliest event time. */
type Passed = readonly [total: Compensated, firstMs: number, first: number, lastMs: number] | null

/**
 * How much comes per second (or `per`), in event time.
 *
 * With `over`, the total divided by that length: silence counts, as it should in a window of that size; 0 without records.
 * Without it, the total divided by the time from the earliest to the latest record. The earliest record only opens that
 * interval and is not in the total (ten records, one a second, take nine seconds); null unless two records differ in time.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`; for a record (it is parked) `CODE_FAILED`:
 *   no finite number
 * @example rate({ of: (line) => line.bytes, over: minutes(5) })
 */
export function rate<In>(options: RateOptions<In> = {}): Aggregate<In, Passed, number | null> {
  const where = 'rate(options)'
  checkKnown(where, options, ['of', 'per', 'over'])
  const { of = () => 1, per = seconds(1), over } = options
  checkCallback(where, 'of', of)
  checkDuration(where, 'per', per)
  if (over !== undefined) checkDuration(where, 'over', over)
  return {
    name: 'rate',
    fixedSize: true,
    initialize: () => null,
    add(passed, value, timeMs) {
      const n = finite(of(value))
      return merged(passed, [[n, 0], timeMs, n, timeMs])
    },
    merge: merged,
    result(passed) {
      if (over !== undefined) return passed === null ? 0 : (totalOf(passed[0]) * per) / over
      if (passed === null || passed[1] === passed[3]) return null
      return (totalOf(plus(passed[0], -passed[2])) * per) / (passed[3] - passed[1])
    },
  }
}

const totalOf = ([total, lost]: Compensated): number => total + lost

function merged(a: Passed, b: Passed): Passed {
  if (a === null) return b
  if (b === null) return a
  const [, firstMs, first] = b[1] < a[1] ? b : a
  return [plusBoth(a[0], b[0]), firstMs, first, Math.max(a[3], b[3])]
}
