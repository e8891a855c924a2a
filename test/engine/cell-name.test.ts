import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CellName,
  decodeCellName,
  decodeNumber,
  encodeCellName,
  encodeNumber,
} from '../../shared/engine/cell-name.ts'
import { cellHash } from '../../shared/engine/hash.ts'
import { type Key, keyAddress, keyOfAddress, keyText, RESERVED } from '../../shared/engine/key.ts'

const anyNumber = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1_000, max: 1_000 })).map((n) => n + 0)
/** Texts of few letters, the encoding's own among them, so that beginnings are shared. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\u0000\u0001\u0002\u0003\u000403aAb\ud800') }),
)
const anyName = fc
  .tuple(anyText, fc.array(fc.oneof(anyNumber, anyText), { maxLength: 4 }))
  .map(([operator, order]): CellName => [operator, ...order])
const anyKey = fc.letrec<{ key: Key }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 3 },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.array(tie('key'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('key'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).key

const sign = (n: number): number => Math.sign(n)
const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

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
})

describe('keys', () => {
  it.each<[Key, string]>([
    ['card-1', 'card-1'],
    ['ü☀', 'ü☀'],
    [1, '1'],
    [true, 'true'],
    [['api', 'error'], '["api","error"]'],
    [{ b: 1, a: { d: [], c: 'x' } }, '{"a":{"c":"x","d":[]},"b":1}'],
  ])('%j is the record key %s', (key, text) => {
    expect(keyText(key)).toBe(text)
  })

  it.each<[Key, Key]>([
    ['1', 1],
    ['true', true],
    ['["a"]', ['a']],
    ['\u00011', 1],
    ['\u0001"a"', 'a'],
    ['\u0001"\\u0001"', '\u0001'],
    [['a', 'b'], ['a,b']],
    [{ a: 1 }, [['a', 1]]],
  ])('%j and %j have different addresses', (a, b) => {
    expect(keyAddress(a)).not.toBe(keyAddress(b))
  })

  it('come back from their address, whatever they are', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(keyOfAddress(keyAddress(key))).toEqual(key)
      }),
      { numRuns: 1_000 },
    )
  })

  it('never map to one address when they differ, nor to two when they do not', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        expect(keyAddress(a) === keyAddress(b)).toBe(sorted(a) === sorted(b))
        expect(keyAddress(JSON.parse(JSON.stringify(a)))).toBe(keyAddress(a))
      }),
      { numRuns: 2_000 },
    )
  })

  it('never have an address that belongs to the engine', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(keyAddress(key).startsWith(RESERVED)).toBe(false)
      }),
    )
    expect(keyAddress(`${RESERVED}lane`).startsWith(RESERVED)).toBe(false)
  })
})

/** JSON with sorted names. */
const sorted = (key: Key): string =>
  JSON.stringify(key, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => compareTexts(a, b)))
      : value,
  )

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
