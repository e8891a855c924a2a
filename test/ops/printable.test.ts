import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunks } from '../../ops/parked/chunks.ts'
import { hexDump, printable, printableJson, printableLines } from '../../ops/printable.ts'
import { tableText } from '../../ops/table.ts'

const HOSTILE = '\u001b]0;title\u0007\u009b31m\u202etxt.exe\u2028\u200b\r\u007f\ud800'
const isUnsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe('text of others on a terminal', () => {
  it('has no character that does anything', () => {
    expect(printable(HOSTILE)).not.toMatch(isUnsafe)
    expect(printable('a\u001b[2Jb')).toBe('a\\u{1b}[2Jb')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !isUnsafe.test(printable(text))))
  })

  it('stays as it is where it is harmless, in any script', () => {
    for (const text of ['Größe 漢字 שלום 🚀', '{"a":1}']) expect(printable(text)).toBe(text)
  })

  it('may keep its lines', () => {
    expect(printableLines('a\nb\r\u001bc')).toBe('a\nb\\u{d}\\u{1b}c')
  })

  it('is the same value as JSON', () => {
    const value = { [HOSTILE]: [HOSTILE, '\u{e0001}', 'ü\n'] }
    const text = printableJson(value)
    expect(text.replaceAll('\n', '')).not.toMatch(isUnsafe)
    expect(JSON.parse(text)).toEqual(value)
  })

  it('is safe in a table', () => {
    expect(tableText(['x'], [[HOSTILE]]).replaceAll('\n', '')).not.toMatch(isUnsafe)
  })
})

describe('a hex dump', () => {
  it('has sixteen bytes a line, with their ASCII', () => {
    const bytes = Uint8Array.from([...Buffer.from('sixteen bytes !!'), 0x1b, 0xff])
    expect(hexDump(bytes)).toBe(
      [
        '00000000  73 69 78 74 65 65 6e 20 62 79 74 65 73 20 21 21  |sixteen bytes !!|',
        `00000010  1b ff${' '.repeat(42)}  |..|`,
      ].join('\n'),
    )
  })
})

describe('chunks of records', () => {
  const record = (offset: number, bytes: number) => ({
    topic: 't',
    partition: 0,
    offset,
    timestamp: 0,
    timestampType: 'CREATE_TIME' as const,
    value: 'x'.repeat(bytes),
  })

  it('keep the order, lose nothing, and stay under both limits but for a record that is above them alone', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 40 }), (sizes) => {
        const records = sizes.map((bytes, offset) => record(offset, bytes))
        const found = chunks(records, 1_000, 5)
        expect(found.flat()).toEqual(records)
        for (const some of found) {
          expect(some.length).toBeLessThanOrEqual(5)
          if (some.length > 1) expect(JSON.stringify(some).length).toBeLessThanOrEqual(1_001)
        }
      }),
    )
  })
})
