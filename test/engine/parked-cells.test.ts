import { afterEach, describe, expect, it } from 'vitest'
import { encodeCellName } from '../../shared/engine/cell-name.ts'
import { foldLimits } from '../../shared/engine/fold-spec.ts'
import type { Machine } from '../../shared/engine/machine.ts'
import { asideKey } from '../../shared/engine/parked-cells.ts'
import { type Command, cellsOf, foldOver, outputsOf, reloaded, spec, takeAll, value } from './fold-fixture.ts'

/** Code with a bug that is mended while it runs: cells called `bad…` fail when they wake. */
const bug = { isThere: true }
const machine: Machine<Command, unknown> = {
  ...spec.machine,
  onTimer(c, id, timeMs) {
    c.emit(`${id} ${JSON.stringify(c.cells.get(id))} of ${timeMs} at ${c.streamTimeMs}`, timeMs)
    c.cells.delete(id)
    if (bug.isThere && id.startsWith('bad')) throw new TypeError('bug')
  },
}
const over = (...given: Parameters<typeof foldOver>) =>
  foldOver(given[0], given[1], { machine: machine as Machine<unknown, unknown>, ...given[2] })
const name = (id: string, timeMs: number, offset: number) => encodeCellName([id, timeMs, offset])
const BAD = name('bad', 10, 0)

/** A cell whose timer failed at 10, in a partition whose time is 20. */
function failed(fields: Parameters<typeof foldOver>[2] = {}) {
  bug.isThere = true
  const fold = over(undefined, {}, fields)
  takeAll(fold, [value(0, 0, { put: { bad: ['mine', 10], good: [1, 11] } }), value(1, 20)])
  fold.confirm()
  bug.isThere = false
  return fold
}

describe('a cell whose timer failed', () => {
  it('is put back and fires: it sees its own time as the timer’s, and stream time as of today', () => {
    const fold = failed()
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'applied' })
    expect(outputsOf(fold)).toEqual(['bad "mine" of 10 at 20'])
    expect(cellsOf(fold.state)).toEqual({})
    fold.confirm()
    expect([...fold.state.cells()]).toEqual([])
  })

  it('is so once: after a reload too, and again only where the commit came to nothing', () => {
    const fold = failed()
    fold.redriveCell('k', BAD)
    fold.undo()
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'applied' })
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'not parked' })
    fold.confirm()
    expect(over(reloaded(fold.state), fold.position).redriveCell('k', BAD)).toEqual({ outcome: 'not parked' })
  })

  it('stays parked where it would fail again, and nothing of it is left behind', () => {
    const fold = failed()
    bug.isThere = true
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'refused', code: 'CODE_FAILED' })
    expect([outputsOf(fold), cellsOf(fold.state)]).toEqual([[], {}])
    bug.isThere = false
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'applied' })
  })

  it('never replaces one that the key has since', () => {
    const fold = failed()
    takeAll(fold, [value(2, 21, { put: { bad: ['new', 30] } })])
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'refused', code: 'CELL_TAKEN' })
    expect(cellsOf(fold.state)).toEqual({ 'k/bad': ['new', 30] })
  })

  it('is known by when it failed: the same cell may fail again', () => {
    const fold = failed()
    bug.isThere = true
    takeAll(fold, [value(2, 21, { put: { bad: ['later', 30] } }), value(3, 31)])
    bug.isThere = false
    for (const each of [name('bad', 30, 2), BAD]) expect(fold.redriveCell('k', each)).toEqual({ outcome: 'applied' })
    expect(outputsOf(fold).slice(-2)).toEqual(['bad "later" of 30 at 31', 'bad "mine" of 10 at 31'])
  })

  it('can be given up', () => {
    const fold = failed()
    expect(fold.discardCell('k', BAD)).toEqual({ outcome: 'discarded' })
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'not parked' })
    fold.confirm()
    expect([...fold.state.cells()]).toEqual([])
  })

  it('goes with its key when that is forgotten', () => {
    const fold = failed()
    expect(fold.state.ofKey(asideKey('k')).size).toBe(1)
    expect(fold.forget('k', 10)).toBe(1)
    fold.confirm()
    expect([...fold.state.cells()]).toEqual([])
  })

  it('cannot be put back where the machine has gone on without it', () => {
    const fold = failed({ machine: { ...machine, onTimerParked: () => true } as Machine<unknown, unknown> })
    expect(fold.redriveCell('k', BAD)).toEqual({ outcome: 'not parked' })
    expect([...fold.state.cells()]).toEqual([])
  })
})

describe('where no room is left for cells whose timers failed', () => {
  const { parkedCellBytesMax } = foldLimits
  afterEach(() => {
    foldLimits.parkedCellBytesMax = parkedCellBytesMax
  })

  it('the partition stops before the timer, which is as it was', () => {
    const fold = failed()
    foldLimits.parkedCellBytesMax = 100
    bug.isThere = true
    takeAll(fold, [value(2, 21, { put: { bad: ['next', 30] } })])
    expect(() => fold.take(value(3, 40), 1e9)).toThrow(expect.objectContaining({ code: 'HOLES_FULL' }))
    expect(cellsOf(fold.state)).toEqual({ 'k/bad': ['next', 30] })
    expect(fold.position.offset).toBe(2)
    fold.confirm()
    fold.discardCell('k', BAD)
    expect(fold.take(value(3, 40), 1e9)).toBe(true)
    expect(cellsOf(fold.state)).toEqual({})
  })
})
