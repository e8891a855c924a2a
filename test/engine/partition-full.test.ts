import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countsBalance } from '../../shared/engine/counts.ts'
import type { Machine } from '../../shared/engine/machine.ts'
import { State } from '../../shared/engine/state.ts'
import { cellsOf, foldOver, reloaded, takeAll, value } from './fold-fixture.ts'

const FULL = (offset: number): string => `record ${offset}: PARTITION_FULL`
const keyOf = (key: string) => ({ address: key })
const put = (...ids: string[]) => ({ put: Object.fromEntries(ids.map((id) => [id, [1, -1] as const])) })

describe('a partition that holds as much as it may', () => {
  it('parks the record that would add a cell, and takes those that change or end one', () => {
    const fold = foldOver(new State(), {}, { bounds: { keysMax: 100, cellsMax: 3 } })
    const records = [
      value(0, 0, put('a', 'b')),
      value(1, 0, put('c'), keyOf('l')),
      value(2, 0, put('a', 'd')),
      value(3, 0, put('a', 'b')),
      value(4, 0, { delete: ['a'] }),
      value(5, 0, put('d')),
    ]
    const outcomes = ['record 0 at 0', 'record 1 at 0', FULL(2), 'record 3 at 0', 'record 4 at 0', 'record 5 at 0']
    expect(takeAll(fold, records)).toEqual(outcomes)
    expect(cellsOf(fold.state)).toEqual({ 'k/b': 1, 'k/d': 1, 'l/c': 1 })
    expect(fold.position.counts).toMatchObject({ read: 6, counted: 5, parked: 1 })
  })

  it('parks the record of one more key, and takes more of the keys that are there', () => {
    const fold = foldOver(new State(), {}, { bounds: { keysMax: 2, cellsMax: 100 } })
    const records = [
      value(0, 0, put('a')),
      value(1, 0, put('a'), keyOf('l')),
      value(2, 0, put('a'), keyOf('m')),
      value(3, 0, put('b', 'c')),
      value(4, 0, {}, keyOf('n')),
      value(5, 0, { delete: ['a'] }, keyOf('l')),
      value(6, 0, put('a'), keyOf('m')),
    ]
    expect(takeAll(fold, records).filter((each) => each?.includes('PARTITION_FULL'))).toEqual([FULL(2)])
    expect(fold.position.counts).toMatchObject({ read: 7, counted: 6, parked: 1 })
  })

  it('lets timers add what they must: they are how state ends', () => {
    const machine: Machine<unknown, unknown> = {
      signature: 'moves',
      onRecord: (c) => c.cells.put('first', 1, 5),
      onTimer(c, id) {
        c.cells.put('second', 1)
        c.cells.delete(id)
      },
    }
    const moving = foldOver(new State(), {}, { machine, bounds: { keysMax: 1, cellsMax: 1 } })
    moving.take(value(0, 0), Number.POSITIVE_INFINITY)
    moving.advanceTo(9, Number.POSITIVE_INFINITY)
    expect(cellsOf(moving.state)).toEqual({ 'k/second': 1 })
    expect(moving.position.counts).toMatchObject({ counted: 1, parked: 0 })
  })

  it('decides the same whatever the cuts, what is undone, and whether the state was held or loaded', () => {
    const command = fc.record({
      key: fc.constantFrom('k', 'l', 'm'),
      put: fc.subarray(['a', 'b', 'c']),
      delete: fc.subarray(['a', 'b', 'c']),
      ending: fc.constantFrom('nothing', 'confirm', 'undo', 'reload'),
    })
    const bounds = { keysMax: 2, cellsMax: 6 }
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const records = commands.map((each, i) =>
          value(i, 0, { ...put(...each.put), delete: each.delete }, keyOf(each.key)),
        )
        const whole = foldOver(new State(), {}, { bounds })
        takeAll(whole, records)
        let cut = foldOver(new State(), {}, { bounds })
        let from = 0
        for (const [i, { ending }] of commands.entries()) {
          if (ending === 'nothing') continue
          takeAll(cut, records.slice(from, i + 1))
          if (ending === 'undo') cut.undo()
          else {
            cut.confirm()
            from = i + 1
            if (ending === 'reload') cut = foldOver(reloaded(cut.state), { ...cut.position }, { bounds })
          }
        }
        takeAll(cut, records.slice(from))
        expect(cellsOf(cut.state)).toEqual(cellsOf(whole.state))
        expect(cut.position.counts).toEqual(whole.position.counts)
        expect(countsBalance(whole.position.counts)).toBe(true)
        expect(whole.state.userCells).toBe(Object.keys(cellsOf(whole.state)).length)
        expect(whole.state.userKeys).toBeLessThanOrEqual(bounds.keysMax)
      }),
    )
  })
})
