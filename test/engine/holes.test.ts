import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Holes } from '../../shared/engine/holes.ts'
import { State } from '../../shared/engine/state.ts'
import { bad, foldOver, takeAll, value } from './fold-fixture.ts'

const textOf = (state: State): string => [...state.cells()].map((cell) => cell.encoded()).join('')

describe('the parked offsets of a partition', () => {
  it('are those that were added, whatever lies between them and across commits', () => {
    const steps = fc.array(
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40_000 })),
      {
        maxLength: 60,
      },
    )
    fc.assert(
      fc.property(fc.nat(2 ** 40), steps, (start, gaps) => {
        const state = new State()
        const holes = new Holes(state)
        const added = new Set<number>()
        let offset = start
        for (const gap of gaps) {
          offset += gap
          holes.add(offset)
          added.add(offset)
          if (gap === 2) state.confirmCommit()
        }
        state.confirmCommit()
        for (const each of added)
          for (const near of [each - 1, each, each + 1]) expect(new Holes(state).has(near)).toBe(added.has(near))
      }),
    )
  })

  it('a failed event takes its own back', () => {
    const state = new State()
    const holes = new Holes(state)
    holes.add(5)
    state.beginEvent()
    holes.add(6)
    state.undoEvent()
    expect([5, 6].map((offset) => holes.has(offset))).toEqual([true, false])
  })

  it.each([
    { title: 'in a row', step: 1, cellsMax: 62, bytesMax: 1_000 },
    { title: 'one in a thousand', step: 1_000, cellsMax: 62_000, bytesMax: 9_000_000 },
  ])('a million of them, $title, stay small', ({ step, cellsMax, bytesMax }) => {
    const state = new State()
    const holes = new Holes(state)
    for (let n = 0; n < 1_000_000; n++) {
      state.beginEvent()
      holes.add(n * step)
      if (n % 10_000 === 9_999) state.confirmCommit()
    }
    expect(state.size).toBeLessThanOrEqual(cellsMax)
    expect(textOf(state).length).toBeLessThan(bytesMax)
  })

  it('every other one of a block fits a cell', () => {
    const state = new State()
    const holes = new Holes(state)
    for (let offset = 0; offset < 16_384; offset += 2) {
      state.beginEvent()
      holes.add(offset)
    }
    expect(state.size).toBe(1)
    expect(textOf(state).length).toBeLessThan(90_000)
  })
})

describe('a redrive in a partition that has had no time yet', () => {
  it('begins it, so that what it opens can end; where it is refused there is none still', () => {
    const fold = foldOver()
    takeAll(fold, [bad(0), bad(1)])
    expect(fold.redrive(value(0, 50, { throws: true }))).toMatchObject({ outcome: 'refused' })
    expect(fold.position.streamTimeMs).toBe(-1)
    expect(fold.redrive(value(0, 50))).toEqual({ outcome: 'applied' })
    expect(fold.position.streamTimeMs).toBe(50)
    fold.redrive(value(1, 70))
    expect(fold.position.streamTimeMs).toBe(50)
  })
})
