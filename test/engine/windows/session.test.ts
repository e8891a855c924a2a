import { describe, expect, it } from 'vitest'
import { ms, session } from '#millrace'
import { every, FINAL, played, run, UPDATES } from './told.ts'

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
