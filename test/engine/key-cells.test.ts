import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyCells } from '../../shared/engine/key-cells.ts'
import { Cell, NO_WAKE } from '../../shared/engine/state.ts'

// Enough of them to fill several chunks.
const ids = fc.uniqueArray(fc.integer({ min: 0, max: 9_999 }), { minLength: 1, maxLength: 3_000, size: 'max' })
const idOf = (n: number) => String(n).padStart(4, '0')

describe('the cells of a key, however many there are', () => {
  it('are found, ranged over and removed as from a sorted list', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 2, max: 5 }), (numbers, every) => {
        const owner = new KeyCells('k')
        const cells = numbers.map((n) => new Cell(owner, idOf(n), 'null', NO_WAKE))
        for (const cell of cells) owner.insert(cell)
        for (const [i, cell] of cells.entries()) if (i % every === 0) owner.remove(cell)
        const left = numbers
          .filter((_, i) => i % every !== 0)
          .map(idOf)
          .sort()
        expect(owner.size).toBe(left.length)
        expect(owner.range('').map(({ id }) => id)).toEqual(left)
        expect(owner.range('2', '70').map(({ id }) => id)).toEqual(left.filter((id) => id >= '2' && id < '70'))
        for (const id of ['', '2', idOf(numbers[0]!), '70', '9999', 'a']) {
          expect(owner.firstFrom(id)?.id).toBe(left.find((each) => each >= id))
          expect(owner.lastBelow(id)?.id).toBe(left.findLast((each) => each < id))
        }
        expect(owner.count('2', '70')).toBe(left.filter((id) => id >= '2' && id < '70').length)
        expect(left.every((id) => owner.find(id)?.id === id)).toBe(true)
        expect(owner.find(idOf(numbers[0]!))).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })
})
