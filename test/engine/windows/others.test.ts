import { describe, expect, it } from 'vitest'
import { everyRecords, global, lastRecords, ms, tumbling, unlimited } from '#millrace'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { machineOf, play } from './play.ts'
import { early, FINAL, played, run, UPDATES } from './told.ts'

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
