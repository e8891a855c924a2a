import { Temporal } from 'temporal-polyfill'
import { MillraceError } from '../../errors.ts'
import { END_OF_TIME_MS } from '../../time.ts'
import type { WindowBounds } from '../machine.ts'
import { checkOptionNames, type WindowWithoutGrace, withGrace } from './window.ts'

export type CalendarUnit = 'day' | 'week' | 'month'

const UNITS: Readonly<Record<CalendarUnit, Temporal.DurationLike>> = {
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
}

/**
 * Days, weeks (from Monday) or months as they are on the wall in a time zone (an IANA name such as 'Europe/Berlin').
 *
 * A window covers `[start, end)`, epoch ms: it begins with the first moment of its first day and ends where the next one
 * begins. Where clocks change, a day has 23 or 25 hours; where they go back past midnight, the new day has begun with the
 * first midnight. The window that holds the epoch begins at 0 at the earliest.
 * It closes when stream time reaches its end plus the grace. A result's time is the highest event time inside.
 * The rules of time zones are those of the Node.js that runs the processor.
 *
 * @throws MillraceError `OPTION_INVALID` for another unit or an unknown time zone, `OPTION_UNKNOWN`
 * @example calendar('day', { timeZone: 'Europe/Berlin' }).grace(minutes(5))
 */
export function calendar(unit: CalendarUnit, options: { timeZone: string }): WindowWithoutGrace {
  const where = 'calendar(unit, { timeZone })'
  if (!Object.hasOwn(UNITS, unit))
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'unit',
      given: unit,
      must: "'day', 'week' or 'month'",
    })
  checkOptionNames(where, options, ['timeZone'])
  const { timeZone } = options
  if (!isTimeZone(timeZone))
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'timeZone',
      given: timeZone,
      must: "the IANA name of a time zone, such as 'Europe/Berlin' or 'UTC'",
    })
  return withGrace(`calendar('${unit}', { timeZone: '${timeZone}' })`, (graceMs) => ({
    kind: 'single',
    graceMs,
    windowAt: (timeMs) => boundsAt(timeMs, unit, timeZone),
  }))
}

function boundsAt(timeMs: number, unit: CalendarUnit, timeZone: string): WindowBounds {
  const date = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const first =
    unit === 'day' ? date : unit === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date.with({ day: 1 })
  const end = endOf(first, unit, timeZone)
  // Clocks that go back past midnight show the last hour of a day again: the next day has begun all the same.
  if (timeMs >= end) return { start: end, end: endOf(first.add(UNITS[unit]), unit, timeZone) }
  return { start: Math.max(0, dayStart(first, timeZone)), end }
}

/** The last window of all ends with time itself. */
function endOf(first: Temporal.PlainDate, unit: CalendarUnit, timeZone: string): number {
  try {
    return Math.min(END_OF_TIME_MS, dayStart(first.add(UNITS[unit]), timeZone))
  } catch {
    return END_OF_TIME_MS
  }
}

const dayStart = (date: Temporal.PlainDate, timeZone: string): number =>
  date.toZonedDateTime({ timeZone }).epochMilliseconds

function isTimeZone(timeZone: unknown): timeZone is string {
  if (typeof timeZone !== 'string') return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone)
    return true
  } catch {
    return false
  }
}
