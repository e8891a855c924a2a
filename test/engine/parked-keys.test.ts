import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { countsBalance } from '../../shared/engine/counts.ts'
import type { Fold } from '../../shared/engine/fold.ts'
import { type FoldRecord, foldLimits } from '../../shared/engine/fold-spec.ts'
import { Holes } from '../../shared/engine/holes.ts'
import { bad, type Command, cellsOf, foldOver, outputsOf, reloaded, takeAll, value } from './fold-fixture.ts'

const NONE = new Set<number>()
const holding = (state?: Parameters<typeof foldOver>[0], position?: Parameters<typeof foldOver>[1]): Fold =>
  foldOver(state, position, { holdsKeys: true })
const of = (address: string, offset: number, command: Command = {}) => value(offset, offset, command, { address })
const fails = { throws: true }
const badOf = (address: string, offset: number): FoldRecord => ({ ...bad(offset), address })
const fates = (fold: Fold, ...records: FoldRecord[]) =>
  records.map((record) => {
    const { outcome, code } = fold.redrive(record)
    return code ?? outcome
  })

describe('a key with a parked record', () => {
  it('holds back what comes later of it, and nothing of other keys', () => {
    const fold = holding()
    const out = takeAll(fold, [of('a', 0), of('a', 1, fails), of('b', 2), of('a', 3), of('b', 4)])
    expect(out).toEqual([
      'record 0 at 0',
      'record 1: CODE_FAILED',
      'record 2 at 2',
      'record 3: KEY_HELD',
      'record 4 at 4',
    ])
    expect(fold.position.counts).toMatchObject({ read: 5, counted: 3, parked: 2 })
    expect(fold.held).toBe(2)
  })

  it('does not where nobody asked for it', () => {
    expect(takeAll(foldOver(), [of('a', 0, fails), of('a', 1)])[1]).toBe('record 1 at 1')
  })

  it('does not hold time back: timers fire, its own too', () => {
    const fold = holding()
    const out = takeAll(fold, [of('a', 0, { put: { w: [1, 5] } }), of('a', 1, fails), of('a', 7)])
    expect(out.slice(-2)).toEqual(['timer "a"/w at 5', 'record 7: KEY_HELD'])
    expect(fold.position.streamTimeMs).toBe(7)
  })

  it('is told by the record’s key where the record itself cannot be read; one that has none holds nothing', () => {
    const fold = holding()
    expect(takeAll(fold, [badOf('a', 0), bad(1), of('a', 2), of('b', 3)])).toEqual([
      'record 0: NOT_JSON',
      'record 1: NOT_JSON',
      'record 2: KEY_HELD',
      'record 3 at 3',
    ])
  })

  it('is held after a reload and after a commit that came to nothing', () => {
    const fold = holding()
    takeAll(fold, [of('a', 0, fails)])
    fold.confirm()
    takeAll(fold, [of('a', 1)])
    fold.undo()
    const again = holding(reloaded(fold.state), fold.position)
    expect(takeAll(again, [of('a', 1)])).toEqual(['record 1: KEY_HELD'])
  })
})

describe('a redrive', () => {
  it('takes the records of a key in order only', () => {
    const fold = holding()
    takeAll(fold, [of('a', 0, fails), of('a', 1), of('a', 2)])
    expect(fates(fold, of('a', 2), of('a', 0), of('a', 2), of('a', 1), of('a', 2))).toEqual([
      ...['KEY_HELD', 'applied', 'KEY_HELD', 'applied', 'applied'],
    ])
    expect(fold.position.counts).toMatchObject({ read: 3, counted: 3, parked: 0 })
    expect(outputsOf(fold).slice(3)).toEqual(['record 0 at 2', 'record 1 at 2', 'record 2 at 2'])
    expect(takeAll(fold, [of('a', 3)]).at(-1)).toBe('record 3 at 3')
    fold.confirm()
    expect([...fold.state.cells()]).toEqual([])
  })

  it('of the first lets go what only waited, up to the next that was parked for itself', () => {
    const fold = holding()
    takeAll(fold, [of('a', 0, fails), of('b', 1, fails), of('a', 2), of('b', 3), badOf('a', 4), of('a', 5)])
    expect(fold.freed(10, NONE)).toEqual([])
    fates(fold, of('a', 0), of('b', 1))
    expect(fold.freed(10, NONE)).toEqual([2, 3])
    expect(fold.freed(1, NONE)).toEqual([2])
    expect(fold.freed(10, new Set([2]))).toEqual([3])
    fates(fold, of('a', 2), of('a', 4))
    expect(fold.freed(10, NONE)).toEqual([3, 5])
  })

  it('that gives the first up lets go the same', () => {
    const fold = holding()
    takeAll(fold, [of('a', 0, fails), of('a', 1), of('a', 2)])
    expect([fold.discard(0), fold.discard(1)].map(({ outcome }) => outcome)).toEqual(['discarded', 'discarded'])
    expect(fold.freed(10, NONE)).toEqual([2])
    expect(fates(fold, of('a', 2))).toEqual(['applied'])
    expect(fold.position.counts).toMatchObject({ read: 3, counted: 1, parked: 2 })
  })

  it('by code that does not hold keys leaves none held behind it', () => {
    const fold = holding()
    takeAll(fold, [of('a', 0, fails), of('a', 1)])
    const other = foldOver(fold.state, fold.position)
    expect(fates(other, of('a', 1), of('a', 0))).toEqual(['applied', 'applied'])
    const again = holding(other.state, other.position)
    expect(takeAll(again, [of('a', 2)])).toEqual(['record 2 at 2'])
    again.confirm()
    expect([...again.state.cells()]).toEqual([])
  })

  it('by such code is known when it comes to what waits for nothing any more', () => {
    const fold = holding()
    takeAll(fold, [of('a', 0, fails), of('a', 1), of('a', 2)])
    new Holes(fold.state).remove(1)
    expect(fates(fold, of('a', 0))).toEqual(['applied'])
    expect(fold.freed(10, NONE)).toEqual([2])
    expect(fold.held).toBe(1)
  })
})

it('a key that is forgotten is free; its parked records can still be redriven', () => {
  const fold = holding()
  takeAll(fold, [of('a', 0, { put: { w: [1, -1] } }), of('a', 1, fails), of('a', 2)])
  expect(fold.forget('a', 2)).toBe(2)
  expect(fold.forget('a', 2)).toBe(1)
  expect([cellsOf(fold.state), fold.held]).toEqual([{}, 0])
  expect(takeAll(fold, [of('a', 3)]).at(-1)).toBe('record 3 at 3')
  expect(fates(fold, of('a', 2))).toEqual(['applied'])
})

describe('when as many of a key wait as may', () => {
  const { heldMax } = foldLimits
  afterEach(() => {
    foldLimits.heldMax = heldMax
  })

  it('the partition stops before the next of it, without a trace of that one', () => {
    foldLimits.heldMax = 2
    const fold = holding()
    takeAll(fold, [of('a', 0, fails), of('a', 1)])
    const before = [fold.position.offset, { ...fold.position.counts }, fold.held]
    expect(() => fold.take(of('a', 2), 1e9)).toThrow(expect.objectContaining({ code: 'KEY_QUEUE_FULL' }))
    expect([fold.position.offset, fold.position.counts, fold.held]).toEqual(before)
    fates(fold, of('a', 0))
    expect(takeAll(fold, [of('a', 2)]).at(-1)).toBe('record 2: KEY_HELD')
  })
})

it('whatever fails, is redriven and given up in which order, each key’s records are applied in the order of offsets, once', () => {
  const step = fc.record({
    address: fc.constantFrom('a', 'b', 'a\u0000', '\u0001["a"]'),
    fails: fc.boolean(),
    meddles: fc.constantFrom('redrive', 'discard', 'reload', 'lose', 'nothing', 'nothing'),
    at: fc.nat(30),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let fold = holding()
      const applied = new Map<string, number[]>()
      const given = new Set<number>()
      const note = () => {
        for (const text of outputsOf(fold)) {
          const offset = Number(/^record (\d+) at/.exec(text ?? '')?.[1] ?? -1)
          if (offset < 0) continue
          const { address } = steps[offset]!
          applied.set(address, [...(applied.get(address) ?? []), offset])
        }
        fold.confirm()
      }
      for (const [offset, { address, fails, meddles, at }] of steps.entries()) {
        const record = of(address, offset, { throws: fails })
        fold.take(record, 1e9)
        if (meddles === 'lose') {
          fold.undo()
          fold.take(record, 1e9)
        }
        note()
        const other = steps[at]
        if (meddles === 'redrive' && other !== undefined && at <= offset) fold.redrive(of(other.address, at))
        if (meddles === 'discard' && fold.discard(at).outcome === 'discarded') given.add(at)
        if (meddles === 'reload') fold = holding(reloaded(fold.state), fold.position)
        note()
      }
      for (const [offset, { address }] of steps.entries()) fold.redrive(of(address, offset))
      note()
      const all = steps.map(({ address }, offset) => ({ address, offset })).filter(({ offset }) => !given.has(offset))
      for (const [address, own] of Map.groupBy(all, (each) => each.address))
        expect(applied.get(address)).toEqual(own.map(({ offset }) => offset))
      expect(countsBalance(fold.position.counts)).toBe(true)
      expect(fold.held).toBe(0)
    }),
  )
})
