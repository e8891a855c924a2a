import { describe, expect, it } from 'vitest'
import { zeroCounts } from '../../shared/engine/counts.ts'
import { State } from '../../shared/engine/state.ts'
import { bad, type Command, cellsOf, foldOver, outputsOf, reloaded, takeAll, value } from './fold-fixture.ts'

describe('time and timers', () => {
  it('is the highest event time so far, the record at hand included', () => {
    const fold = foldOver()
    expect(takeAll(fold, [value(0, 50), value(1, 20), value(2, 60)])).toEqual([
      'record 0 at 50',
      'record 1 at 50',
      'record 2 at 60',
    ])
    expect(fold.position).toMatchObject({ offset: 2, streamTimeMs: 60 })
  })

  it('due timers fire before the record that makes them due, by time, then key, then cell', () => {
    const fold = foldOver()
    const timers = (key: string, put: Command['put']) => ({ ...value(0, 0, { put: put! }), address: key })
    takeAll(fold, [
      { ...timers('b', { y: [1, 10], x: [1, 10] }), offset: 0 },
      { ...timers('a', { z: [1, 10], w: [1, 31] }), offset: 1 },
      { ...timers('c', { v: [1, 5] }), offset: 2 },
    ])
    fold.confirm()
    expect(takeAll(fold, [value(3, 30)])).toEqual([
      'timer "c"/v at 5',
      'timer "a"/z at 10',
      'timer "b"/x at 10',
      'timer "b"/y at 10',
      'record 3 at 30',
    ])
    expect(cellsOf(fold.state)).toEqual({ 'a/w': [1, 31] })
  })

  it('a timer that sets itself again fires until it is no longer due', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { again: [1, 10] } })])
    fold.confirm()
    expect(takeAll(fold, [value(1, 35)])).toEqual([
      'timer "k"/again at 10',
      'timer "k"/again at 20',
      'timer "k"/again at 30',
      'record 1 at 35',
    ])
  })

  it('a timer that was due before it was set fires at once, without moving time back', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 50, { put: { early: [1, 5] } })])
    expect(takeAll(fold, [value(1, 50)])).toEqual(['record 0 at 50', 'timer "k"/early at 5', 'record 1 at 50'])
    expect(fold.position.streamTimeMs).toBe(50)
  })

  it('a record applied already is skipped without a trace', () => {
    const fold = foldOver(new State(), { offset: 7 })
    expect(takeAll(fold, [value(6, 50), value(7, 50)])).toEqual([])
    expect(fold.hasChanged).toBe(false)
    expect(fold.position).toEqual({ offset: 7, streamTimeMs: -1, counts: zeroCounts() })
  })
})

describe('a commit may be cut after any event', () => {
  const records = [
    value(0, 0, { put: { a: [1, 10], b: [1, 10], c: [1, 20], again: [1, 15] } }),
    value(1, 5, { put: { d: [1, 7] } }),
    value(2, 40),
    value(3, 42, { put: { e: [1, 41], bad: [1, 50] } }),
    bad(4),
    value(5, 60, { throws: true, put: { never: [1, 1] } }),
    value(6, 61),
  ]

  it.each(['by the same owner', 'by another one, from the journal'])('and goes on where it was cut, %s', (who) => {
    const expected = takeAll(foldOver(), records)
    let fold = foldOver()
    const found: (string | null)[] = []
    for (let i = 0, commits = 0; i < records.length; commits++) {
      expect(commits).toBeLessThan(100)
      // One event per commit: what comes after the first does not fit.
      while (i < records.length && fold.bytes < 1 && fold.take(records[i]!, 1)) i++
      found.push(...outputsOf(fold))
      fold.confirm()
      if (who !== 'by the same owner') fold = foldOver(reloaded(fold.state), fold.position)
    }
    expect(found).toEqual(expected)
  })

  it('before a record whose timers did not fit, which then waits', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { a: [1, 10], b: [1, 20] } })])
    fold.confirm()
    expect(fold.take(value(1, 30), 1)).toBe(false)
    expect([outputsOf(fold), fold.position.offset, fold.position.streamTimeMs]).toEqual([['timer "k"/a at 10'], 0, 10])
    expect(fold.hasChanged).toBe(true)
  })

  it('between the last timer that a record makes due and the record itself', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { a: [1, 10] } })])
    fold.confirm()
    expect(fold.take(value(1, 30), 1)).toBe(false)
    expect([outputsOf(fold), fold.position.offset, fold.position.streamTimeMs]).toEqual([['timer "k"/a at 10'], 0, 10])
    fold.confirm()
    expect(fold.take(value(1, 30), 1)).toBe(true)
    expect([outputsOf(fold), fold.position.streamTimeMs]).toEqual([['record 1 at 30'], 30])
  })

  it('and undone: everything is as of the commit before', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { a: [1, 10] } }), bad(1)])
    fold.confirm()
    const before = [cellsOf(fold.state), structuredClone(fold.position)]
    takeAll(fold, [value(2, 30, { put: { b: [2, 50] }, delete: ['a'] }), bad(3)])
    fold.undo()
    expect([cellsOf(fold.state), fold.position]).toEqual(before)
    expect([outputsOf(fold), fold.bytes, fold.hasChanged]).toEqual([[], 0, false])
    expect(takeAll(fold, [value(2, 30), bad(3)])).toEqual(['timer "k"/a at 10', 'record 2 at 30', 'record 3: NOT_JSON'])
  })

  it('which takes back the counts of what was not committed, and no others', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0), bad(1)])
    fold.confirm()
    takeAll(fold, [value(2, 0)])
    expect(fold.position.counts).toEqual({ ...zeroCounts(), read: 3, counted: 2, parked: 1, emitted: 2 })
    fold.undo()
    expect(fold.position.counts).toEqual({ ...zeroCounts(), read: 2, counted: 1, parked: 1, emitted: 1 })
  })
})
