import { describe, expect, it } from 'vitest'
import { behind, type Gate } from '../../../shared/engine/gates/gate.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import { cellsOf, foldOver, outputsOf, takeAll, value } from '../fold-fixture.ts'

/** Counts the records in a cell, which goes at its time; lets through those whose value is not this. */
const refusing = (refused: string): Gate<unknown> => ({
  signature: `refusing ${refused}`,
  admit(c, cells, { value, timeMs }) {
    cells.put('seen', ((cells.get('seen') as number | undefined) ?? 0) + 1, timeMs + 5)
    if (value === refused) c.repeat()
    return value !== refused
  },
  onTimer: (cells, id) => cells.delete(id),
  size: (cells) => (cells.get('seen') === undefined ? 0 : 1),
})

/** Keeps each record in a cell of the gates' own name, and tells all that it sees. */
const telling: Machine<unknown, unknown> = {
  signature: 'telling',
  onRecord(c, { value, timeMs }) {
    c.cells.put('seen', value, timeMs + 7)
    c.emit(c.cells.range('', '\uffff'), timeMs)
  },
  onTimer: (c, id, timeMs) => c.emit(`${id} at ${timeMs}`, timeMs),
}

const send = (...values: string[]) => values.map((each, i) => value(i, i, each as never))

describe('a machine behind gates', () => {
  it('sees its own cells alone: ranges, the first, the last and their number', () => {
    const looking: Machine<unknown, unknown> = {
      signature: 'looking',
      onRecord(c, { value, timeMs }) {
        c.cells.put(String(value), 1)
        const { cells } = c
        c.emit(
          [cells.size, cells.first('', '\uffff')?.[0], cells.last('', '\uffff')?.[0], cells.last('', 'c')?.[0]],
          timeMs,
        )
      },
      onTimer() {},
    }
    const fold = foldOver(undefined, undefined, { machine: behind([refusing('-'), refusing('+')], looking) })
    expect(takeAll(fold, send('d', 'c', 'e'))).toEqual([
      [1, 'd', 'd', null],
      [2, 'c', 'd', null],
      [3, 'c', 'e', null],
    ])
  })

  const machine = behind([refusing('a'), refusing('b')], telling)
  const all = Number.POSITIVE_INFINITY

  it('is the machine itself without any', () => {
    expect(behind([], telling)).toBe(telling)
  })

  it('says by its signature what it stands behind, in order', () => {
    expect(machine.signature).toBe('refusing a > refusing b > telling')
  })

  it('gets the records that all of them admit, and sees no cells but its own', () => {
    const fold = foldOver(undefined, undefined, { machine })
    expect(takeAll(fold, send('a', 'b', 'c'))).toEqual([[['seen', 'c']]])
    expect(fold.position.counts).toMatchObject({ read: 3, counted: 1, duplicatesDropped: 2 })
  })

  it('a gate sees the records that those before it admit, and cells of its own', () => {
    const fold = foldOver(undefined, undefined, { machine })
    takeAll(fold, send('a', 'b', 'c'))
    expect(Object.values(cellsOf(fold.state))).toEqual(
      expect.arrayContaining([
        [3, 7],
        [2, 7],
        ['c', 9],
      ]),
    )
  })

  it('timers go to whose cell it is', () => {
    const fold = foldOver(undefined, undefined, { machine })
    takeAll(fold, send('c'))
    fold.advanceTo(6, all)
    expect(Object.values(cellsOf(fold.state))).toEqual([['c', 7]])
    fold.advanceTo(7, all)
    expect(outputsOf(fold).slice(1)).toEqual(['seen at 7'])
  })
})
