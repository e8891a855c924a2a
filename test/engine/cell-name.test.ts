import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CellName,
  decodeCellName,
  decodeNumber,
  encodeCellName,
  encodeNumber,
  endOfNumber,
} from '../../shared/engine/cell-name.ts'
import { anyNumber, anyText, compareTexts } from './arbitraries.ts'

const anyName = fc
  .tuple(anyText, fc.array(fc.oneof(anyNumber, anyText), { maxLength: 4 }))
  .map(([operator, order]): CellName => [operator, ...order])
const sign = (n: number): number => Math.sign(n)

/** The rule, part by part: numbers before texts, numbers by value, texts by code unit, a name before its extensions. */
function compareNames(a: CellName, b: CellName): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1
    if (x !== y) return x < y ? -1 : 1
  }
  return sign(a.length - b.length)
}

describe('names of cells', () => {
  it.each<[CellName, CellName]>([
    [
      ['w', 9],
      ['w', 10],
    ],
    [
      ['w', -10],
      ['w', -9],
    ],
    [
      ['w', -1],
      ['w', 0],
    ],
    [
      ['w', Number.MIN_SAFE_INTEGER],
      ['w', -1],
    ],
    [
      ['w', 999],
      ['w', Number.MAX_SAFE_INTEGER],
    ],
    [
      ['w', 5],
      ['w', 'a'],
    ],
    [
      ['w', 'a'],
      ['w', 'a', 0],
    ],
    [
      ['w', 'a', 'z'],
      ['w', 'a\u0000'],
    ],
    [['w'], ['w', -5]],
    [['w', 7], ['wx']],
    [['A'], ['a']],
  ])('%j comes before %j', (a, b) => {
    expect(compareTexts(encodeCellName(a), encodeCellName(b))).toBe(-1)
  })

  it.each<[string, CellName]>([
    ['with the separators of the encoding', ['a\u0001b', '\u0002', '\u0003', '\u00031', '\u0000']],
    ['with empty parts', ['', '', 0, '']],
    ['of an operator without a name', ['']],
  ])('%s come back as they are', (_, name) => {
    expect(decodeCellName(encodeCellName(name))).toEqual(name)
  })

  it('come back as they are, whatever they are', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(decodeCellName(encodeCellName(name))).toEqual(name)
      }),
      { numRuns: 2_000 },
    )
  })

  it('have texts in the order of the names, whatever they are', () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        expect(compareTexts(encodeCellName(a), encodeCellName(b))).toBe(compareNames(a, b))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('numbers in names', () => {
  it('come back as they are, and sort like themselves', () => {
    fc.assert(
      fc.property(anyNumber, anyNumber, (a, b) => {
        expect(decodeNumber(encodeNumber(a))).toBe(a)
        expect(compareTexts(encodeNumber(a), encodeNumber(b))).toBe(sign(a - b))
      }),
      { numRuns: 2_000 },
    )
  })

  it('a number that others follow says where it ends', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 1 }), (numbers) => {
        const texts = numbers.map(encodeNumber)
        const found: number[] = []
        for (let at = 0; at < texts.join('').length; ) {
          const end = endOfNumber(texts.join(''), at)
          found.push(decodeNumber(texts.join('').slice(at, end)))
          at = end
        }
        expect(found).toEqual(numbers)
      }),
    )
  })
})
