import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { decodeCells, decodeOutbox, encodeCells, encodeOutbox } from '../../shared/journal/codec.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
/** Twice: a collection that was under way already keeps what died since it began. */
const collectGarbage = (): void => {
  gc()
  gc()
}

/** Bytes that are still held once only what `make` returns is: the least of three, for what is kept by mistake is so every time. */
const heldBy = (make: () => unknown): number => Math.min(...[1, 2, 3].map(() => heldOnce(make)))

function heldOnce(make: () => unknown): number {
  const kept: unknown[] = []
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  kept.push(make())
  // The last text that was searched stays in memory until another one is: RegExp.input.
  expect('x').toMatch(/x/)
  collectGarbage()
  const held = process.memoryUsage().heapUsed - before
  expect(kept).toHaveLength(1)
  return held
}

const COUNT = 20_000
const text = (n: number): string => JSON.stringify({ n, padding: 'x'.repeat(500) })

describe('what is decoded', () => {
  it('of cells does not keep the rest of its commit in memory', () => {
    const cells = Array.from({ length: COUNT }, (_, n) => ({ key: `k${n}`, id: 'c', wakeAtMs: -1, text: text(n) }))
    expect(heldBy(() => decodeCells(encodeCells(cells).join('')).at(-1))).toBeLessThan(1_000_000)
  })

  it('of outputs does not keep the rest of its commit in memory', () => {
    const rest = { target: 'a-topic-of-some-length', partition: 0, timeMs: 0, sort: '2026-01-01T00:00:00.000Z' }
    const entries = Array.from({ length: COUNT }, (_, n) => ({ ...rest, key: `k${n}`, value: text(n) }))
    expect(heldBy(() => decodeOutbox(encodeOutbox(entries)).at(-1))).toBeLessThan(1_000_000)
  })
})
