import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINE_BYTES_MAX } from '../../../local/feed/source.ts'
import { splitLines } from '../../../local/feed/split-lines.ts'

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part as Uint8Array)
}

async function split(...parts: readonly (string | Uint8Array)[]): Promise<Buffer[]> {
  const lines: Buffer[] = []
  for await (const some of splitLines(chunks(...parts))) lines.push(...some)
  return lines
}

const texts = async (...parts: readonly string[]): Promise<string[]> => (await split(...parts)).map(String)

describe('lines', () => {
  it('end at line feeds, and the last one at the end', async () => {
    expect(await texts('a\nb\nc')).toEqual(['a', 'b', 'c'])
    expect(await texts('a\nb\n')).toEqual(['a', 'b'])
    expect(await texts('')).toEqual([])
  })

  it('may be empty, but not at the end', async () => {
    expect(await texts('\na\n\n\nb\n\n\n')).toEqual(['', 'a', '', '', 'b'])
    expect(await texts('a\n', '\n', '\n', 'b')).toEqual(['a', '', '', 'b'])
    expect(await texts('\n\n')).toEqual([])
  })

  it('are the same however the bytes come, and need not be UTF-8', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((all) => all.map((byte) => (byte % 5 === 0 ? 0x0a : byte)))
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(200)), async (all, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length]
        const parts = at.slice(1).map((end, n) => all.subarray(at[n]!, end))
        const expected = Buffer.from(all).toString('latin1').replace(/\n+$/, '').split('\n')
        const got = (await split(...parts)).map((line) => line.toString('latin1'))
        expect(got).toEqual(expected.join('\n') === '' ? [] : expected)
      }),
    )
  })

  it('that are too long for any topic are an error with a way out', async () => {
    const part = 'x'.repeat(1_000_000)
    const count = Math.ceil(LINE_BYTES_MAX / part.length) + 1
    await expect(split('first\n', ...Array(count).fill(part))).rejects.toThrow(/Line 2 .*jq/)
  })
})
