import { type CalendarUnit, hours, minutes } from '#millrace'
import type { Bounds } from './naive.ts'

const STEP_MS = minutes(15)

/** When the wall in a time zone first shows each day, by looking at it every quarter of an hour from `fromMs` to `toMs`. */
export function daysOnTheWall(timeZone: string, fromMs: number, toMs: number): [startMs: number, day: string][] {
  const wall = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const days: [number, string][] = []
  for (let at = fromMs; at < toMs; at += STEP_MS) {
    const day = wall.format(at)
    if (day > (days.at(-1)?.[1] ?? '')) days.push([at, day])
  }
  return days.slice(1)
}

/** The day, week or month that holds a time: it begins when the wall first shows a day of it, and ends where the next begins. */
export function naiveCalendar(
  days: readonly (readonly [startMs: number, day: string])[],
  unit: CalendarUnit,
): (timeMs: number) => Bounds {
  const starts = days.flatMap(([start, day], i) =>
    i > 0 && nameOf(days[i - 1]![1], unit) === nameOf(day, unit) ? [] : [start],
  )
  return (timeMs) => {
    const after = starts.findIndex((start) => start > timeMs)
    // The first may have begun before the first day that is known.
    if (after < 2) throw new RangeError(`${new Date(timeMs).toISOString()} is beyond the calendar`)
    return { start: starts[after - 1]!, end: starts[after]! }
  }
}

function nameOf(day: string, unit: CalendarUnit): string {
  if (unit === 'month') return day.slice(0, 7)
  if (unit === 'day') return day
  const noon = new Date(`${day}T12:00Z`)
  const sinceMonday = (noon.getUTCDay() + 6) % 7
  return new Date(noon.getTime() - sinceMonday * hours(24)).toISOString().slice(0, 10)
}
