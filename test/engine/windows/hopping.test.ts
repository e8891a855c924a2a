import { describe, expect, it } from 'vitest'
import { hopping, minutes, ms } from '#millrace'
import { machineOf, play } from './play.ts'
import { FINAL, parse, played, run, UPDATES } from './told.ts'

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
