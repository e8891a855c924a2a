import { describe, expect, it } from 'vitest'
import { calendar, days, hours, ms } from '#millrace'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { FINAL, played, run } from './told.ts'

describe('calendar windows', () => {
  const boundsOf = (window: Window<EmitMode>, at: number) =>
    played(window, FINAL, String(at)).outputs[0]!.split(' ')[1]!.split('..').map(Number)
  const berlin = { timeZone: 'Europe/Berlin' }
  const time = (text: string) => Date.parse(text)

  it.each([
    // Clocks go forward on 2026-03-29 and back on 2026-10-25 in Berlin, UTC+1 and UTC+2.
    ['day', '2026-03-28T12:00Z', '2026-03-27T23:00Z', '2026-03-28T23:00Z', hours(24)],
    ['day', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z', hours(23)],
    ['day', '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z', hours(25)],
    ['week', '2026-03-29T12:00Z', '2026-03-22T23:00Z', '2026-03-29T22:00Z', days(7) - hours(1)],
    ['month', '2026-03-31T12:00Z', '2026-02-28T23:00Z', '2026-03-31T22:00Z', days(31) - hours(1)],
    ['month', '2028-02-29T12:00Z', '2028-01-31T23:00Z', '2028-02-29T23:00Z', days(29)],
  ] as const)('a %s in Berlin with %s', (unit, at, start, end, length) => {
    const bounds = boundsOf(calendar(unit, berlin).grace(ms(0)), time(at))
    expect(bounds).toEqual([time(start), time(end)])
    expect(bounds[1]! - bounds[0]!).toBe(length)
  })

  it('begin at the first moment there is, where midnight is left out', () => {
    // In Beirut clocks went from 2022-03-26 24:00 to 01:00, from UTC+2 to UTC+3.
    expect(boundsOf(calendar('day', { timeZone: 'Asia/Beirut' }).grace(ms(0)), time('2022-03-27T12:00Z'))).toEqual([
      time('2022-03-26T22:00Z'),
      time('2022-03-27T21:00Z'),
    ])
  })

  it('hold each moment once, also where the clocks go back past midnight', () => {
    // In St. John's the wall showed 2010-11-07 00:00 for a minute from 02:30 UTC on, then 23:01 of the day before.
    const day = calendar('day', { timeZone: 'America/St_Johns' }).grace(ms(0))
    const sunday = [time('2010-11-07T02:30Z'), time('2010-11-08T03:30Z')]
    for (const at of ['2010-11-07T02:30Z', '2010-11-07T03:00Z', '2010-11-07T03:30Z'])
      expect(boundsOf(day, time(at))).toEqual(sunday)
    expect(played(day, FINAL, `${time('2010-11-07T03:00Z')}`).counts).toMatchObject({ counted: 1, late: 0 })
  })

  it('touch: the end of one belongs to the next', () => {
    const end = time('2026-03-29T22:00Z')
    expect(
      run(calendar('day', berlin).grace(ms(0)), FINAL, `${end - 1} ${end}`).map((each) => each.split(' ')[1]),
    ).toEqual(['1', '2'])
  })

  it('that hold the epoch begin with it', () => {
    expect(boundsOf(calendar('day', { timeZone: 'America/New_York' }).grace(ms(0)), 0)).toEqual([0, hours(5)])
  })
})
