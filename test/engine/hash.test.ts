import { describe, expect, it } from 'vitest'
import { encodeCellName } from '../../shared/engine/cell-name.ts'
import { cellHash } from '../../shared/engine/hash.ts'

describe('the hash that spreads cells over buckets', () => {
  it.each([
    ['', ''],
    ['card-1', 'w\u0001ob1760000000000'],
    ['ü☀', '\u0000'],
  ])('of %j and %j is FNV-1a of their code units, 0xff between them, its high bits folded in', (key, cell) => {
    const units = [...key.split(''), '\u00ff', ...cell.split('')].map((unit) => BigInt(unit.charCodeAt(0)))
    const fnv = units.reduce((hash, unit) => BigInt.asUintN(32, (hash ^ unit) * 16_777_619n), 2_166_136_261n)
    expect(cellHash(key, cell)).toBe(Number(fnv ^ (fnv >> 15n)))
  })

  it('fills 8 buckets evenly with 8,000 windows of one key', () => {
    const filled = new Array<number>(8).fill(0)
    for (let n = 0; n < 8_000; n++) filled[cellHash('key', encodeCellName(['w', n * 60_000])) & 7]!++
    for (const cells of filled) expect(Math.abs(cells - 1_000)).toBeLessThan(150)
  })
})
