import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../shared/errors.ts'
import { base64Text, isBase64Of } from '../../shared/runtime/base64.ts'

const LARGE = 100_000
const text = (base64: string) => base64Text(base64, LARGE, 'value', 'NOT_UTF8')
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What UTF-8 says of the bytes; undefined: they are none. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

function ours(bytes: Uint8Array): string | undefined {
  try {
    return text(Buffer.from(bytes).toString('base64'))
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'NOT_UTF8') return undefined
    throw error
  }
}

/** Bytes that are likely to be, or nearly to be, UTF-8 beyond ASCII. */
const nearlyUtf8 = fc
  .array(fc.constantFrom(0x00, 0x41, 0x80, 0xbd, 0xbf, 0xc3, 0xed, 0xef, 0xf0, 0xf4, 0xff), { maxLength: 12 })
  .map((bytes) => Uint8Array.from(bytes))

describe('the text behind base64', () => {
  it('is what UTF-8 says of the bytes, and an error where they are not UTF-8', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), nearlyUtf8), (bytes) => {
        expect(ours(bytes)).toBe(utf8(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a replacement character that was written', 'a\ufffdb'],
    ['a byte order mark', '\ufeff{}'],
    ['nothing', ''],
    ['a character of four bytes', '😀'],
    ['a long text', 'é'.repeat(30_000)],
    ['a long text with a replacement character', `\ufffd${'x'.repeat(60_000)}`],
  ])('keeps %s', (_, written) => {
    expect(text(Buffer.from(written).toString('base64'))).toBe(written)
  })

  it('is an error in a long text, too', () => {
    expect(ours(new Uint8Array(50_000).fill(0xff))).toBeUndefined()
  })

  it('has no trace of the text decoded before', () => {
    text(Buffer.from('a much longer text').toString('base64'))
    expect(text(Buffer.from('short').toString('base64'))).toBe('short')
  })

  it.each([
    [LARGE, true],
    [LARGE + 1, false],
  ])('of %d bytes fits %s', (bytes, fits) => {
    const base64 = Buffer.alloc(bytes, 'x').toString('base64')
    if (fits) expect(text(base64)).toHaveLength(bytes)
    else expect(() => text(base64)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  })
})

describe('whether base64 stands for a text', () => {
  const ascii = fc.string({ unit: 'binary-ascii', maxLength: 12 })

  it('is settled for ASCII', () => {
    fc.assert(
      fc.property(ascii, ascii, (one, other) => {
        const base64 = Buffer.from(one).toString('base64')
        expect(isBase64Of(base64, one)).toBe(true)
        expect(isBase64Of(base64, other)).toBe(one === other)
      }),
    )
  })

  it('is false after any change of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 12 }), fc.nat(), (one, at) => {
        const base64 = Buffer.from(one).toString('base64')
        const i = at % base64.length
        const other = base64[i] === 'A' ? 'B' : 'A'
        expect(isBase64Of(base64.slice(0, i) + other + base64.slice(i + 1), one)).toBe(false)
      }),
    )
  })

  it('is left open for anything else', () => {
    expect(isBase64Of(Buffer.from('é').toString('base64'), 'é')).toBe(false)
  })
})
