import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countsBalance } from '../../shared/engine/counts.ts'
import { type FoldRecord, foldLimits } from '../../shared/engine/fold-spec.ts'
import { State } from '../../shared/engine/state.ts'
import { bad, cellsOf, foldOver, takeAll, value } from './fold-fixture.ts'

const NO_LIMIT = Number.POSITIVE_INFINITY
const identity = (lane: string, ...sequence: number[]) => ({ identity: { lane, sequence } })

describe('a record that fails', () => {
  it('is parked, leaves the state as it was before, and the next one goes on', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { a: [1, 10] } })])
    fold.confirm()
    const failing = value(1, 5, { throws: true, emit: ['x'], put: { a: [2, 20], b: [2, 20] } })
    expect(takeAll(fold, [failing, value(2, 6)])).toEqual(['record 1: CODE_FAILED', 'record 2 at 6'])
    expect(cellsOf(fold.state)).toEqual({ 'k/a': [1, 10] })
    expect(fold.position.counts).toMatchObject({ read: 3, counted: 2, parked: 1, emitted: 2 })
  })

  it('leaves a hole, which is counted against the limit', () => {
    const fold = foldOver(new State(), { offset: -1 })
    fold.position.counts.read = foldLimits.holesMax
    fold.position.counts.parked = foldLimits.holesMax - 1
    takeAll(fold, [bad(0)])
    fold.confirm()
    expect(() => fold.take(bad(1), NO_LIMIT)).toThrow(expect.objectContaining({ code: 'HOLES_FULL' }))
    // Nothing has become of it, and good ones go on.
    expect(fold.position).toMatchObject({ offset: 0, counts: { read: foldLimits.holesMax + 1 } })
    expect(takeAll(fold, [value(1, 5)])).toEqual(['record 1 at 5'])
  })

  it.each([
    ['ASCII', 'x'],
    ['of three bytes a character', '中'],
    ['of four bytes a character', '😀'],
  ])(
    'because its outputs (%s) would not fit one commit is parked, whatever they come to when compressed',
    (_, letter) => {
      const one = letter.repeat(Math.floor(foldLimits.eventBytesMax / Buffer.byteLength(letter) / 4))
      const fits = foldOver()
      expect(takeAll(fits, [value(0, 0, { emit: [one, one, one] })])).toHaveLength(4)
      const fold = foldOver()
      expect(takeAll(fold, [value(0, 0, { emit: [one, one, one, one] })])).toEqual(['record 0: OUTPUTS_TOO_MANY'])
    },
  )
})

describe('a timer that fails', () => {
  it('has its cell parked and deleted; the others fire, and the record is taken', () => {
    const fold = foldOver()
    takeAll(fold, [value(0, 0, { put: { bad: ['mine', 10], a: [1, 11] } })])
    fold.confirm()
    expect(takeAll(fold, [value(1, 20)])).toEqual([
      'cell k/bad="mine": CODE_FAILED at 10',
      'timer "k"/a at 11',
      'record 1 at 20',
    ])
    expect(cellsOf(fold.state)).toEqual({})
    expect(fold.position.counts).toMatchObject({ read: 2, counted: 2, parked: 0 })
  })
})

it('every record read has one fate', () => {
  const command = fc.record({ throws: fc.boolean(), late: fc.boolean() })
  const anyRecord = fc.oneof(
    fc.tuple(fc.nat(50), command, fc.nat(5)).map(([timeMs, told, n]) => value(0, timeMs, told, identity('l.1.0', n))),
    fc.constant(bad(0)),
    fc.constant<FoldRecord>({ kind: 'other', offset: 0 }),
    fc.constant<FoldRecord>({ kind: 'progress', offset: 0, timeLane: 0, timeMs: 5 }),
  )
  const filter = [{ kind: 'filter' as const, keep: () => false }]
  fc.assert(
    fc.property(fc.array(anyRecord), fc.boolean(), (records, filtered) => {
      const fold = foldOver(new State(), {}, filtered ? { ops: filter } : {})
      takeAll(
        fold,
        records.map((record, offset) => ({ ...record, offset })),
      )
      expect(countsBalance(fold.position.counts)).toBe(true)
      expect(fold.position.counts.read).toBe(records.filter(({ kind }) => kind !== 'progress').length)
    }),
  )
})

it('keys whose records are all filtered leave nothing behind', () => {
  const fold = foldOver(new State(), {}, { ops: [{ kind: 'filter', keep: () => false }] })
  for (let n = 0; n < 100; n++) fold.take({ ...value(n, 0), address: `k${n}` }, NO_LIMIT)
  fold.confirm()
  expect([fold.state.keys, fold.position.counts.filtered]).toEqual([0, 100])
})
