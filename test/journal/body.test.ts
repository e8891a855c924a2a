import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_WAKE, State } from '../../shared/engine/state.ts'
import { decodeCells, encodeCells, encodeOutbox, outboxStart, zstd } from '../../shared/journal/codec.ts'

describe('a body', () => {
  it('has no text for a cell of which only the timer changed', () => {
    const state = new State()
    state.put(state.ofKey('k'), 'long', 'x'.repeat(1_000), 10)
    state.confirmCommit()
    state.wake(state.ofKey('k').find('long')!, NO_WAKE)
    const body = encodeCells(state.changes()).join('')
    expect(body.length).toBeLessThan(50)
    expect(decodeCells(body)).toEqual([{ key: 'k', id: 'long', wakeAtMs: NO_WAKE, text: undefined, same: true }])
  })

  it('gives back its cells and outputs, none of either, too', () => {
    const text = fc.string({ unit: 'binary' })
    const cell = fc.record({
      key: text,
      id: text,
      wakeAtMs: fc.integer({ min: -1 }),
      text: fc.option(fc.json(), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 5 }), fc.boolean(), (cells, hasOutput) => {
        const output = { target: 't', partition: 0, key: 'k', value: '1', timeMs: 5, sort: '' }
        const outputs = encodeOutbox(hasOutput ? [output] : [])
        const body = encodeCells(cells).join('') + outputs
        expect(decodeCells(body)).toEqual(cells)
        expect(body.slice(outboxStart(body))).toBe(outputs)
      }),
    )
  })
})

describe('zstd', () => {
  it.each([0, 1, 349_525, 349_526, 2_000_000])('gives back a text of %d characters', (length) => {
    const text = '{"é":☀}\t'.repeat(Math.ceil(length / 8)).slice(0, length)
    expect(zstd.decompress(zstd.compress([text.slice(0, 7), text.slice(7)]))).toBe(text)
  })
})
