import { describe, expect, it } from 'vitest'
import type { FoldRecord } from '../../shared/engine/fold-spec.ts'
import { compareSequences } from '../../shared/engine/lanes.ts'
import { State } from '../../shared/engine/state.ts'
import { bad, foldOver, outputsOf, reloaded, takeAll, value } from './fold-fixture.ts'

const from = (offset: number, lane: string, sequence: number[], fields = {}): FoldRecord =>
  value(offset, 0, {}, { identity: { lane, sequence }, ...fields })
const progress = (offset: number, timeLane: number, timeMs: number): FoldRecord => ({
  kind: 'progress',
  offset,
  timeLane,
  timeMs,
})

describe('sequences', () => {
  it.each([
    [[1, 0], [1, 1], -1],
    [[1, 9], [2, 0], -1],
    [[9], [10], -1],
    [[5, 3], [5, 3], 0],
    [[5], [5, 0], -1],
    [[6], [5, 9], 1],
  ])('%j against %j: %i', (a, b, order) => {
    expect(Math.sign(compareSequences(a, b))).toBe(order)
    expect(Math.sign(compareSequences(b, a))).toBe(0 - order)
  })
})

describe('repeats', () => {
  it('are what is not above the highest identity of its lane', () => {
    const fold = foldOver()
    const taken = takeAll(fold, [
      from(0, 'a.1.0', [5, 0]),
      from(1, 'a.1.0', [5, 1]),
      from(2, 'a.1.0', [5, 0]),
      from(3, 'a.1.0', [4, 9]),
      from(4, 'a.1.0', [5, 1]),
      from(5, 'b.1.0', [1, 0]),
      from(6, 'a.1.1', [1, 0]),
      from(7, 'a.1.0', [10, 0]),
      from(8, 'a.1.0', [9, 0]),
    ])
    expect(taken).toEqual(['record 0 at 0', 'record 1 at 0', 'record 5 at 0', 'record 6 at 0', 'record 7 at 0'])
    expect(fold.position).toMatchObject({ offset: 8, counts: { read: 9, counted: 5, duplicatesDropped: 4 } })
  })

  it('are known again from the journal', () => {
    const fold = foldOver()
    takeAll(fold, [from(0, 'a.1.0', [5, 0])])
    fold.confirm()
    const next = foldOver(reloaded(fold.state), fold.position)
    expect(takeAll(next, [from(1, 'a.1.0', [5, 0]), from(2, 'a.1.0', [5, 1])])).toEqual(['record 2 at 0'])
  })

  it('move no time and fire no timer', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { a: [1, 10] } }, { identity: { lane: 'a.1.0', sequence: [1] } })])
    fold.confirm()
    expect(takeAll(fold, [from(1, 'a.1.0', [1], { timeMs: 99 })])).toEqual([])
    expect(fold.position.streamTimeMs).toBe(0)
  })

  it('of a record that was parked, filtered or late are dropped too', () => {
    const fold = foldOver()
    const [lane, sequence] = ['a.1.0', [7, 0]]
    takeAll(fold, [value(0, 0, { throws: true }, { identity: { lane, sequence } })])
    expect(takeAll(fold, [from(1, lane, sequence)])).toEqual(['record 0: CODE_FAILED'])
  })

  it('of a record that cannot be used are dropped too: it is parked once', () => {
    const fold = foldOver()
    const unusable = (offset: number): FoldRecord => ({ ...bad(offset), identity: { lane: 'a.1.0', sequence: [7, 0] } })
    const taken = takeAll(fold, [unusable(0), unusable(1), from(2, 'a.1.0', [7, 0]), from(3, 'a.1.0', [7, 1])])
    expect(taken).toEqual(['record 0: NOT_JSON', 'record 3 at 0'])
    expect(fold.position.counts).toMatchObject({ read: 4, counted: 1, parked: 1, duplicatesDropped: 2 })
  })

  it('that were undone with their commit are taken again', () => {
    const fold = foldOver()
    takeAll(fold, [from(0, 'a.1.0', [5, 0])])
    fold.undo()
    expect(takeAll(fold, [from(0, 'a.1.0', [5, 0])])).toEqual(['record 0 at 0'])
  })
})

describe('time behind a re-key', () => {
  const rekeyed = (lanes: number) => foldOver(new State(), {}, { timeLanes: lanes })
  const at = (offset: number, timeLane: number, timeMs: number, put = {}) =>
    value(offset, timeMs, { put }, { timeLane })

  it('is the minimum over the lanes, and there is none before each was heard of', () => {
    const fold = rekeyed(3)
    const times = [at(0, 0, 50), at(1, 2, 70), at(2, 1, 30), at(3, 1, 60), at(4, 0, 90)].map((record) => {
      takeAll(fold, [record])
      return fold.position.streamTimeMs
    })
    expect(times).toEqual([-1, -1, 30, 50, 60])
  })

  it('fires no timer before every lane has reached it', () => {
    const fold = rekeyed(2)
    takeAll(fold, [at(0, 0, 5, { a: [1, 10] }), at(1, 0, 100), at(2, 1, 9)])
    expect(outputsOf(fold).join()).not.toContain('timer')
    expect(takeAll(fold, [at(3, 1, 10)])).toContain('timer "k"/a at 10')
  })

  it('is moved by progress records, which are not counted', () => {
    const fold = rekeyed(2)
    takeAll(fold, [at(0, 0, 5, { a: [1, 10] }), at(1, 0, 20)])
    expect(takeAll(fold, [progress(2, 1, 15)])).toContain('timer "k"/a at 10')
    expect(fold.position).toMatchObject({ offset: 2, streamTimeMs: 15, counts: { read: 2 } })
  })

  it('never goes back: what a lane says late is not heard', () => {
    const fold = rekeyed(2)
    takeAll(fold, [at(0, 0, 50), at(1, 1, 60), progress(2, 0, 10), progress(3, 1, 40)])
    expect(fold.position.streamTimeMs).toBe(50)
  })

  it('is not held by idle lanes until they are heard of again', () => {
    const fold = rekeyed(2)
    takeAll(fold, [at(0, 0, 50)])
    expect(fold.markIdle([1])).toBe(50)
    takeAll(fold, [at(1, 0, 80)])
    expect(fold.position.streamTimeMs).toBe(80)
    takeAll(fold, [progress(2, 1, 85), at(3, 0, 200)])
    expect(fold.position.streamTimeMs).toBe(85)
  })

  it('is the highest lane once all are idle', () => {
    const fold = rekeyed(3)
    takeAll(fold, [at(0, 0, 50), at(1, 1, 70)])
    expect(fold.markIdle([0, 1, 2])).toBe(70)
  })

  it('with an idle lane that wakes with an old record stays where it is', () => {
    const fold = rekeyed(2)
    takeAll(fold, [at(0, 0, 50)])
    fold.markIdle([1])
    takeAll(fold, [at(1, 0, 90), at(2, 1, 20)])
    expect(fold.position.streamTimeMs).toBe(90)
    takeAll(fold, [at(3, 0, 300)])
    expect(fold.position.streamTimeMs).toBe(90)
  })

  it('says nothing new when lanes are marked idle that are', () => {
    const fold = rekeyed(2)
    fold.markIdle([0, 1])
    fold.confirm()
    fold.markIdle([1, 0])
    expect(fold.hasChanged).toBe(false)
  })
})
