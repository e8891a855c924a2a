import fc from 'fast-check'
import {
  type CalendarUnit,
  calendar,
  days,
  hopping,
  hours,
  minutes,
  ms,
  session,
  sliding,
  tumbling,
  unlimited,
} from '#millrace'
import type { Emission } from '../../../shared/engine/windows/emission.ts'
import type { EmitMode, Window, WindowWithoutGrace } from '../../../shared/engine/windows/window.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { type EmissionName, emissions, events, eventsFrom, type Results } from './arbitraries.ts'
import { type Expected, type NaiveWindows, naive, naiveHopping, naiveSingle, naiveSliding } from './naive.ts'
import { daysOnTheWall, naiveCalendar } from './naive-calendar.ts'
import { naiveSessions } from './naive-session.ts'
import type { Event } from './play.ts'

/** Windows of one kind with some numbers, and what they put out by their definition. */
export interface Case {
  /** As it is named in failures. */
  readonly [fc.toStringMethod]: () => string
  readonly window: Window<EmitMode>
  /** undefined: it never closes. */
  readonly withGrace: ((graceMs: number) => Window<EmitMode>) | undefined
  readonly expected: (emission: Emission, events: readonly Event[], results: Results) => Expected
  readonly events: fc.Arbitrary<Event[]>
  /** Cells that are left once everything is closed. */
  readonly left: (events: readonly Event[]) => number
}

interface Family {
  readonly cases: fc.Arbitrary<Case>
  readonly emissions: readonly EmissionName[]
}

const length = fc.integer({ min: 1, max: 15 })
const grace = fc.integer({ min: 0, max: 20 })
const ALL_EMISSIONS = Object.keys(emissions) as EmissionName[]

const closing = (
  without: WindowWithoutGrace,
  graceMs: number,
  expected: Case['expected'],
  eventsOf = events,
): Case => ({
  [fc.toStringMethod]: () => `${without.written}.grace(${graceMs})`,
  window: without.grace(ms(graceMs)),
  withGrace: (each) => without.grace(ms(each)),
  expected,
  events: eventsOf,
  left: () => 0,
})

const by =
  (rule: NaiveWindows): Case['expected'] =>
  (emission, list, results) =>
    naive(rule, emission, list, results)

const floor = (size: number) => (at: number) => {
  const start = Math.floor(at / size) * size
  return { start, end: start + size }
}

/** Around changes of clocks: at 2 o'clock, at midnight, by half an hour, from one day to the next but one, and none. */
const places = [
  ['Europe/Berlin', '2026-03-28'],
  ['America/New_York', '2026-10-31'],
  ['Asia/Beirut', '2022-03-26'],
  ['Australia/Lord_Howe', '2026-04-04'],
  ['Pacific/Apia', '2011-12-29'],
  ['America/St_Johns', '2010-11-06'],
  ['Asia/Kathmandu', '2026-01-01'],
] as const
// Thirty steps of forty stay within the days that are known.
const stepOf = fc.constantFrom(minutes(15), hours(3))
const units: readonly CalendarUnit[] = ['day', 'week', 'month']
const calendars = places.flatMap(([timeZone, from]) => {
  const startMs = Date.parse(from)
  const onTheWall = daysOnTheWall(timeZone, startMs - days(70), startMs + days(200))
  return units.map((unit) => ({ unit, timeZone, startMs, boundsAt: naiveCalendar(onTheWall, unit) }))
})

/** By kind of window. Sizes that the advance divides, and such that it does not. */
export const families: Readonly<Record<string, Family>> = {
  tumbling: {
    emissions: ALL_EMISSIONS,
    cases: fc
      .tuple(length, grace)
      .map(([size, graceMs]) => closing(tumbling(ms(size)), graceMs, by(naiveSingle(floor(size), graceMs)))),
  },
  hopping: {
    emissions: ALL_EMISSIONS,
    cases: fc.tuple(length, length, grace).map(([a, b, graceMs]) => {
      const [size, advance] = [Math.max(a, b), Math.min(a, b)]
      const made = hopping(ms(size), { advance: ms(advance) })
      return closing(made, graceMs, by(naiveHopping(size, advance, graceMs)))
    }),
  },
  sliding: {
    emissions: ALL_EMISSIONS,
    cases: fc
      .tuple(length, grace)
      .map(([size, graceMs]) => closing(sliding(ms(size)), graceMs, by(naiveSliding(size, graceMs)))),
  },
  session: {
    emissions: ALL_EMISSIONS,
    cases: fc
      .tuple(length, grace)
      .map(([gap, graceMs]) =>
        closing(session({ gap: ms(gap) }), graceMs, (emission, list, results) =>
          naiveSessions(gap, graceMs, emission, list, results),
        ),
      ),
  },
  calendar: {
    emissions: ALL_EMISSIONS,
    cases: fc
      .tuple(fc.constantFrom(...calendars), fc.integer({ min: 0, max: hours(36) }), stepOf)
      .map(([{ unit, timeZone, startMs, boundsAt }, graceMs, stepMs]) => {
        const rule = naiveSingle(boundsAt, graceMs)
        return closing(calendar(unit, { timeZone }), graceMs, by(rule), eventsFrom(startMs, stepMs))
      }),
  },
  unlimited: {
    emissions: ['updates', 'updates every so often'],
    cases: fc.integer({ min: 0, max: 40 }).map((from) => ({
      [fc.toStringMethod]: () => `unlimited(${from})`,
      window: unlimited({ from }),
      withGrace: undefined,
      expected: by(naiveSingle((at) => (at < from ? undefined : { start: from, end: END_OF_TIME_MS }), undefined)),
      events,
      left: (list) => new Set(list.filter(({ at }) => at >= from).map(({ key }) => key)).size,
    })),
  },
}
