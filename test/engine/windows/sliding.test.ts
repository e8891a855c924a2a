import { describe, expect, it } from 'vitest'
import { ms, sliding } from '#millrace'
import { machineOf, play } from './play.ts'
import { FINAL, played, run, UPDATES } from './told.ts'

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
