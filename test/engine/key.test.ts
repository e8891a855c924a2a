import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Key, keyAddress, keyOfAddress, keyText, RESERVED } from '../../shared/engine/key.ts'
import { anyKey, compareTexts } from './arbitraries.ts'

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
