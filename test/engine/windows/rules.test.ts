import { describe, expect, it } from 'vitest'
import {
  calendar,
  days,
  everyRecords,
  global,
  hopping,
  hours,
  lastRecords,
  minutes,
  ms,
  session,
  sliding,
  tumbling,
  unlimited,
} from '#millrace'
import { combine } from '../../../shared/engine/aggregates/aggregate.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import type { Emission } from '../../../shared/engine/windows/emission.ts'
import { windowLimits } from '../../../shared/engine/windows/limits.ts'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { windowMachine } from '../../../shared/engine/windows/window-machine.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { aggregates, type Event, machineOf, type Played, play } from './play.ts'

const FINAL: Emission = { final: true, updates: undefined }
const UPDATES: Emission = { final: false, updates: { everyMs: 0 } }
const every = (everyMs: number): Emission => ({ final: false, updates: { everyMs } })
const early = (everyMs: number): Emission => ({ final: true, updates: { everyMs } })

/** `5`: a record of key k at 5; `a5`: of key a. Its number is its place, from 1. */
const parse = (text: string): Event[] =>
  text
    .split(' ')
    .filter((each) => each !== '')
    .map((each, i) => {
      const [, key, at] = /^([a-z]*)(\d+)$/.exec(each)!
      return { key: key || 'k', at: Number(at), n: i + 1 }
    })

/** Results as `key start..end numbers`, tombstones as `key start..end gone`; the key is left out where it is k. */
function shown({ outputs }: Played): string[] {
  return outputs.map((each) => {
    const [, key, span, result] = /^(\S+) (\S+) (.*) @\d+$/.exec(each)!
    const numbers = result!.replace(/^.*values:\[([\d,]*)\].*$/, '$1')
    const marks = result!.includes('final:false') ? ' early' : ''
    return `${key === 'k' ? '' : `${key} `}${span} ${numbers}${marks}`
  })
}
const played = (window: Window<EmitMode>, emission: Emission, records: string, close = true) =>
  play(machineOf(window, emission, true), parse(records), ['cold'], { close })
const run = (window: Window<EmitMode>, emission: Emission, records: string, close = true) =>
  shown(played(window, emission, records, close))

describe('hopping windows [start, start + size)', () => {
  const ten = (graceMs = 0) => hopping(ms(10), { advance: ms(5) }).grace(ms(graceMs))

  // Starts are multiples of the advance, never negative: the first is floor(max(0, t - 10 + 5) / 5) × 5.
  it.each([
    ['0', ['0..10 1']],
    ['4', ['0..10 1']],
    ['5', ['0..10 1', '5..15 1']],
    ['9', ['0..10 1', '5..15 1']],
    ['10', ['5..15 1', '10..20 1']],
    ['14', ['5..15 1', '10..20 1']],
  ])('hold a record at %s where it lies at or after the start and before the end', (records, wanted) => {
    expect(run(ten(), FINAL, records)).toEqual(wanted)
  })

  it.each([
    // 12 is in [3, 13), [6, 16), [9, 19) and [12, 22); 13 no longer in the first.
    ['12', ['3..13 1', '6..16 1', '9..19 1', '12..22 1']],
    ['13', ['6..16 1', '9..19 1', '12..22 1']],
  ])('whose size the advance does not divide hold a record at %s in those that span it', (records, wanted) => {
    expect(run(hopping(ms(10), { advance: ms(3) }).grace(ms(0)), FINAL, records)).toEqual(wanted)
  })

  // Dropped per window when end + grace <= stream time.
  it.each([
    ['7 14 8', 'stream time 14: both are open', { late: 0, lateWindows: 0 }],
    ['7 15 8', 'stream time 15: [0, 10) plus 5 is closed, [5, 15) is not', { late: 0, lateWindows: 1 }],
    ['7 19 8', 'stream time 19: the same', { late: 0, lateWindows: 1 }],
    ['7 20 8', 'stream time 20: both are closed', { late: 1, lateWindows: 0 }],
  ])('with grace 5, %s: at %s', (records, _, counts) => {
    expect(played(ten(5), FINAL, records).counts).toMatchObject(counts)
  })

  it('go out once each, in the order of start, then key, when one record passes them all', () => {
    expect(run(ten(), FINAL, 'b7 a12 c1000', false)).toEqual(['b 0..10 1', 'a 5..15 2', 'b 5..15 1', 'a 10..20 2'])
  })

  it('that nothing fell into put nothing out', () => {
    expect(run(ten(), FINAL, '2 102')).toEqual(['0..10 1', '95..105 2', '100..110 2'])
  })

  it('carry the highest event time inside', () => {
    expect(played(ten(), FINAL, '7 3 12').outputs.map((each) => each.replace(/^.*@/, ''))).toEqual(['7', '12', '12'])
  })

  it('as updates: each window a record is in goes out, by start', () => {
    expect(run(ten(), UPDATES, '7 12')).toEqual(['0..10 1', '5..15 1', '5..15 1,2', '10..20 2'])
  })

  it('keep one state per pane, not one per window', () => {
    const window = hopping(minutes(10), { advance: minutes(1) }).grace(ms(0))
    const records = parse(Array.from({ length: 100 }, (_, i) => String(600_000 + i)).join(' '))
    // A pane, and the cell that wakes for the next window.
    expect(play(machineOf(window, FINAL), records, ['none'], { close: false }).size).toBe(2)
  })
})

describe('sliding windows [start, start + difference], both ends inclusive', () => {
  const ten = (graceMs = 0) => sliding(ms(10)).grace(ms(graceMs))

  it('are one that ends with each record and one that begins after it, where that holds a record', () => {
    // 20 makes [10, 20]; 25 makes [15, 25] and, after 20, [21, 31]; 30 makes [20, 30] and, after 25, [26, 36].
    expect(run(ten(), FINAL, '20 25 30')).toEqual(['10..20 1', '15..25 1,2', '20..30 1,2,3', '21..31 2,3', '26..36 3'])
  })

  it('hold records exactly the difference apart, and none that is one more', () => {
    expect(run(ten(), FINAL, '20 30')).toEqual(['10..20 1', '20..30 1,2', '21..31 2'])
    expect(run(ten(), FINAL, '20 31')).toEqual(['10..20 1', '21..31 2'])
  })

  it('give a record that comes out of order the window after it, since later ones are there', () => {
    // 15 makes [5, 15] and, before 20, [16, 26].
    expect(run(ten(50), FINAL, '20 15')).toEqual(['5..15 2', '10..20 2,1', '16..26 1'])
  })

  it('of records before the difference share [0, difference]; what follows each is as usual', () => {
    expect(run(ten(50), FINAL, '3 6 10')).toEqual(['0..10 1,2,3', '4..14 2,3', '7..17 3'])
  })

  // Closed when end < stream time - grace; the record is late when t + difference is.
  it.each([
    ['30 20', 'stream time 30: [10, 20] ends 10 before: open', { late: 0, lateWindows: 0 }],
    ['31 20', 'stream time 31: [10, 20] is closed, but not [20, 30] if there were one', { late: 0, lateWindows: 1 }],
    ['40 20', 'stream time 40: [20, 30] would be open', { late: 0, lateWindows: 1 }],
    ['41 20', 'stream time 41: even [20, 30] would be closed', { late: 1, lateWindows: 0 }],
  ])('with grace 10, %s: at %s', (records, _, counts) => {
    expect(played(ten(10), FINAL, records).counts).toMatchObject(counts)
  })

  it('go out when stream time has passed end plus grace by one, in the order of start, then key', () => {
    expect(run(ten(5), FINAL, 'b20 a20 c25', false)).toEqual([])
    expect(run(ten(5), FINAL, 'b20 a20 c26', false)).toEqual(['a 10..20 2', 'b 10..20 1'])
  })

  it('forget no record: one that no open window held is in those made later (better than Kafka Streams, which forgets it)', () => {
    // At stream time 31 [10, 20] is closed and nothing else holds 20. Then 25 makes [15, 25], closed, and [21, 31] holds it
    // with 31; 28 makes [18, 28], in which 20 counts.
    expect(run(ten(3), FINAL, '31 20 28')).toEqual(['18..28 2,3', '21..31 3,1', '29..39 1'])
  })

  it('as updates: windows changed or made, by start, each once', () => {
    // 31 = 20 + 1 + 10: the window that ends with it is the one that begins after 20.
    expect(run(ten(), UPDATES, '20 31')).toEqual(['10..20 1', '21..31 2'])
    // 20 comes late: it changes nothing, but makes the window before it and the one after it.
    expect(run(ten(50), UPDATES, '25 20')).toEqual(['15..25 1', '10..20 2', '15..25 2,1', '21..31 1'])
  })

  it('merge no window anew where a thousand records share it, and are right', () => {
    const records = Array.from({ length: 1_000 }, (_, i) => ({ key: 'k', at: 10_000 + i, n: 1 }))
    const { outputs, size } = play(machineOf(sliding(ms(999)).grace(ms(0)), FINAL), records, ['none'])
    // Ending with record i: i + 1 records. Beginning after record i: 999 - i.
    const counts = outputs.map((each) => Number(/count:(\d+)/.exec(each)![1]))
    expect(counts).toEqual([
      ...Array.from({ length: 1_000 }, (_, i) => i + 1),
      ...Array.from({ length: 999 }, (_, i) => 999 - i),
    ])
    expect(size).toBe(0)
  })
})

describe('sessions [first record, last record], both ends inclusive', () => {
  const five = (graceMs = 0) => session({ gap: ms(5) }).grace(ms(graceMs))

  it('hold records exactly a gap apart, and none that is one more', () => {
    expect(run(five(), FINAL, '10 15 21')).toEqual(['10..15 1,2', '21..21 3'])
  })

  it('are joined by a record that reaches both: first the sessions by their end, then the record', () => {
    expect(run(five(20), FINAL, '20 10 15')).toEqual(['10..20 2,1,3'])
  })

  // Late when the end, after joining, is before stream time - grace - gap.
  it.each([
    ['30 22', 'the end 22 is 8 before stream time 30: open', { late: 0 }],
    ['31 22', 'the end 22 is 9 before stream time 31: late', { late: 1 }],
    // 20 alone would be late at stream time 31, but it reaches 24, which is open (24 + 8 >= 31).
    ['24 31 20', 'an old record that reaches an open session is taken', { late: 0 }],
  ])('with grace 3, %s: %s', (records, _, counts) => {
    expect(played(five(3), FINAL, records).counts).toMatchObject(counts)
  })

  it('go out when stream time has passed end, gap and grace by one, in the order of end, then key', () => {
    expect(run(five(3), FINAL, 'b10 a10 c18', false)).toEqual([])
    expect(run(five(3), FINAL, 'b10 a10 c19', false)).toEqual(['a 10..10 2', 'b 10..10 1'])
  })

  it('as updates: bounds that change leave a tombstone each, in the order of end, before the new result', () => {
    expect(run(five(20), UPDATES, '10 20 15')).toEqual([
      '10..10 1',
      '20..20 2',
      '10..10 gone',
      '20..20 gone',
      '10..20 1,2,3',
    ])
  })

  it('as updates: bounds that stay leave none', () => {
    expect(run(five(20), UPDATES, '10 14 12')).toEqual(['10..10 1', '10..10 gone', '10..14 1,2', '10..14 1,2,3'])
  })

  it('as updates every 4 ms: only what is out is taken back', () => {
    // 10 is due at 14 and goes out then; 14 changes it, due at 18; 18 does not come before the session closes at 20.
    expect(run(five(), every(4), '10 14 16')).toEqual(['10..10 1', '10..10 gone', '10..16 1,2,3'])
  })

  it('carry their end as time, and tombstones the end of what they delete', () => {
    expect(played(five(), UPDATES, '10 12').outputs.map((each) => each.replace(/^.*@/, ''))).toEqual(['10', '10', '12'])
  })
})

describe('results on the way', () => {
  const ten = tumbling(ms(10)).grace(ms(0))

  it('early and final: at most one per 4 ms before the close, then the final one, and each says which it is', () => {
    expect(run(ten, early(4), '1 2 3 7 11', false)).toEqual(['0..10 1,2,3 early', '0..10 1,2,3,4'])
  })

  it('no early result goes out when the final one does', () => {
    expect(run(ten, early(4), '6 10', false)).toEqual(['0..10 1'])
  })
})

describe('a window from a time on', () => {
  it('holds what is at or after it, to the end of time, and never closes', () => {
    const { outputs, counts, size } = played(unlimited({ from: 100 }), UPDATES, '99 100 7 500')
    expect(outputs.map((each) => each.split(' ')[1])).toEqual([`100..${END_OF_TIME_MS}`, `100..${END_OF_TIME_MS}`])
    expect(counts).toMatchObject({ read: 4, counted: 2, filtered: 2, late: 0 })
    expect(size).toBe(1)
  })
})

describe('windows of records', () => {
  it('every 2: in order of arrival, named by the offsets of the first and the last; late is nothing', () => {
    expect(run(everyRecords(2), FINAL, '500 a1 3 a7 400')).toEqual(['0..2 1,3', 'a 1..3 2,4'])
  })

  it('every 3 within 10 ms: what is not full goes out when stream time has moved on by that much', () => {
    expect(run(everyRecords(3, { within: ms(10) }), FINAL, '5 8 15 16')).toEqual(['0..1 1,2', '2..3 3,4'])
  })

  it('the last 3 after every 2: fewer at the beginning', () => {
    expect(run(lastRecords(3, { every: 2 }), FINAL, '9 8 7 6 5 4')).toEqual(['0..1 1,2', '1..3 2,3,4', '3..5 4,5,6'])
  })

  it('the last 40 after each, as the list says', () => {
    const records = Array.from({ length: 200 }, (_, i) => ({ key: 'k', at: i % 7, n: i }))
    const { outputs } = play(machineOf(lastRecords(40, { every: 1 }), FINAL), records, ['none', 'cold'])
    expect(outputs).toEqual(
      records.map((_, i) => {
        const last = records.slice(Math.max(0, i - 39), i + 1)
        const sum = last.reduce((total, { n }) => total + n, 0)
        const max = Math.max(...last.map(({ at }) => at))
        return `k ${last[0]!.n}..${i} {count:${last.length},sum:${sum}} @${max}`
      }),
    )
  })
})

describe('the global window', () => {
  const bounds = `0..${END_OF_TIME_MS}`

  it('puts out all so far after every so many records', () => {
    expect(run(global({ afterRecords: 2 }), FINAL, '1 2 3 4 5')).toEqual([`${bounds} 1,2`, `${bounds} 1,2,3,4`])
  })

  it('or so long after a change, whichever comes first', () => {
    // 1 and 2 are two. 3 is due at 13, which 20 makes: 20 itself is then the first of two.
    expect(run(global({ afterRecords: 2, every: ms(10) }), FINAL, '1 2 3 20 21', false)).toEqual([
      `${bounds} 1,2`,
      `${bounds} 1,2,3`,
      `${bounds} 1,2,3,4,5`,
    ])
  })
})

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

describe('at the edges of time', () => {
  const all: Record<string, Window<EmitMode>> = {
    tumbling: tumbling(ms(10)).grace(ms(0)),
    hopping: hopping(ms(10), { advance: ms(3) }).grace(ms(0)),
    sliding: sliding(ms(10)).grace(ms(0)),
    session: session({ gap: ms(10) }).grace(ms(0)),
    calendar: calendar('month', { timeZone: 'UTC' }).grace(ms(0)),
  }
  const century = days(36_525)

  it.each(Object.entries(all))(
    '%s: time zero, equal times and a century between: nothing is lost or left',
    (_, window) => {
      const { counts, outputs, size } = played(window, FINAL, `0 0 1 ${century} ${century} ${century + 1}`)
      expect(counts).toMatchObject({ read: 6, counted: 6, late: 0, parked: 0 })
      const held = new Set(shown({ outputs } as Played).flatMap((each) => each.split(' ')[1]!.split(',')))
      expect([...held].sort()).toEqual(['1', '2', '3', '4', '5', '6'])
      expect(size).toBe(0)
    },
  )
})

describe('a key with very many open windows', () => {
  const window = session({ gap: ms(5) }).grace(days(3_650))
  const { openPerKeyMax } = windowLimits
  const apart = (count: number): Event[] => Array.from({ length: count }, (_, i) => ({ key: 'k', at: i * 10, n: 1 }))

  it('takes 100,000 sessions, and old records into the midst of them', () => {
    const old = Array.from({ length: 1_000 }, (_, i) => ({ key: 'k', at: i * 1_000 + 3, n: 1 }))
    const { counts, size } = play(machineOf(window, FINAL), [...apart(100_000), ...old])
    expect(counts).toMatchObject({ counted: 101_000, late: 0, parked: 0, emitted: 100_000 })
    expect(size).toBe(0)
  }, 60_000)

  it('parks the record that would open one more than the bound, and goes on with those that open none', () => {
    const { counts, outputs } = play(
      machineOf(window, FINAL),
      [...apart(openPerKeyMax + 1), { key: 'k', at: 3, n: 1 }],
      ['none'],
      { close: false },
    )
    expect(counts).toMatchObject({ read: openPerKeyMax + 2, counted: openPerKeyMax + 1, parked: 1 })
    expect(outputs).toHaveLength(1)
    expect(outputs[0]).toContain('WINDOWS_TOO_MANY')
  }, 60_000)
})

describe('a result that cannot be put out', () => {
  it.each([
    ['tumbling', tumbling(ms(10)).grace(ms(0)), 1],
    ['hopping', hopping(ms(10), { advance: ms(5) }).grace(ms(0)), 2],
    ['sliding', sliding(ms(10)).grace(ms(0)), 1],
    ['session', session({ gap: ms(5) }).grace(ms(0)), 1],
  ])('%s: is parked with its cell, and the other windows of the key go out', (_, window, failing) => {
    const whole = combine(aggregates(true))
    const unlucky: typeof whole = {
      ...whole,
      result(state) {
        const result = whole.result(state)
        if ((result.ids as { values: number[] }).values.includes(13)) throw new RangeError('unlucky')
        return result
      },
    }
    const machine = windowMachine(window, unlucky, FINAL) as Machine<Event, unknown>
    const events = [20, 40, 60, 80].map((at, i) => ({ key: 'k', at, n: [1, 13, 3, 4][i]! }))
    const { outputs, size } = play(machine, events)
    const parked = outputs.filter((each) => each.includes('parkedCell'))
    expect(parked).toHaveLength(failing)
    for (const n of [1, 3, 4]) expect(outputs.filter((each) => each.includes(`values:[${n}]`))).toHaveLength(failing)
    expect(size).toBe(0)
  })
})
