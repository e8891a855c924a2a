import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countDistinct } from '../../../shared/engine/aggregates/count-distinct.ts'
import { emptyRegisters, estimate, register } from '../../../shared/engine/aggregates/hyper-log-log.ts'
import type { Key } from '../../../shared/engine/key.ts'
import { numRuns } from '../runs.ts'
import { fold, foldInParts, randomFrom, resultOf } from './fold-aggregate.ts'

interface Seen {
  readonly id: Key
  readonly at: number
}
const seen = (ids: readonly Key[]): Seen[] => ids.map((id, at) => ({ id, at }))
const id = (each: Seen) => each.id

describe('the number of different ids', () => {
  it.each<{ title: string; ids: Key[]; count: number }>([
    { title: 'without records', ids: [], count: 0 },
    { title: 'of repeats', ids: ['a', 'b', 'a'], count: 2 },
    { title: 'of a text and a number that look alike', ids: ['1', 1, true, 'true'], count: 4 },
    {
      title: 'of lists and objects, whose names have no order',
      ids: [['a', 1], ['a', 1], { x: 1, y: 2 }, { y: 2, x: 1 }],
      count: 2,
    },
  ])('$title', ({ ids, count }) => {
    expect(resultOf(countDistinct(id), seen(ids))).toEqual({ count, exact: true })
  })

  it.each([
    { ids: 5, exact: true },
    { ids: 6, exact: false },
  ])('of $ids ids with exactMax 5: exact is $exact', ({ ids, exact }) => {
    const names = Array.from({ length: ids }, (_, i) => `id ${i}`)
    expect(resultOf(countDistinct(id, { exactMax: 5 }), seen([...names, ...names]))).toMatchObject({ exact })
  })

  it('is no longer exact when ids are long: the bound is one of bytes too', () => {
    const long = Array.from({ length: 4 }, (_, i) => `${i}${'x'.repeat(50)}`)
    expect(resultOf(countDistinct(id, { exactMax: 5 }), seen(long))).toMatchObject({ exact: false })
  })

  it('comes of the same state, whatever the order and whatever is merged with what', () => {
    const aggregate = countDistinct(id, { exactMax: 12, precision: 8 })
    const lists = fc.array(fc.array(fc.nat(30), { maxLength: 12 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(lists, fc.integer(), (parts, seed) => {
        const whole = fold(aggregate, seen(parts.flat()))
        expect(foldInParts(aggregate, parts.map(seen), seed)).toEqual(whole)
        expect(foldInParts(aggregate, parts.toReversed().map(seen), seed)).toEqual(whole)
      }),
      { numRuns },
    )
  })

  it.each([undefined, null, Number.NaN, [undefined], 'x'.repeat(257)])('%j is no id', (bad) => {
    expect(() => resultOf(countDistinct(id), seen([bad as never]))).toThrow(
      expect.objectContaining({ code: 'CODE_FAILED' }),
    )
  })

  it('keeps within its bounds', () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => `customer-${i}`)
    const aggregate = countDistinct(id)
    let state = aggregate.initialize()
    let largest = 0
    for (const each of seen(ids)) {
      state = aggregate.add(state, each, 0)
      largest = Math.max(largest, JSON.stringify(state).length)
    }
    expect(largest).toBeLessThanOrEqual(35 * 256)
    expect(JSON.stringify(state).length).toBe(4_096 + 2)
  })
})

describe('beyond the bound', () => {
  // Standard error 1.04 / sqrt(2^12) = 1.625 %: of a normal distribution 68 % is within one of them, 99.7 % within three.
  const standardError = 1.04 / 64
  const shapes: [string, (i: number, random: () => number) => string][] = [
    ['numbers that count up', (i) => String(i)],
    ['texts with a long beginning in common', (i) => `customer-of-the-northern-region-${i}`],
    [
      'random hexadecimals',
      (_, random) => Math.floor(random() * 2 ** 48).toString(16) + Math.floor(random() * 2 ** 48),
    ],
    ['two letters and more', (i) => i.toString(36)],
  ]

  it.each(shapes)('%s are estimated with the error stated', (_, make) => {
    const errors: number[] = []
    for (let run = 0; run < 60; run++) {
      const random = randomFrom(run)
      const count = 500 * 2 ** (run % 6)
      let registers = emptyRegisters(12)
      for (let i = 0; i < count; i++) registers = register(registers, make(run * 1_000_000 + i, random))
      errors.push((estimate(registers) - count) / count)
    }
    const within = (deviations: number) =>
      errors.filter((error) => Math.abs(error) <= deviations * standardError).length
    expect(within(1)).toBeGreaterThanOrEqual(36) // 41 of 60 are expected
    expect(within(3.5)).toBe(60)
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length
    expect(Math.abs(mean)).toBeLessThan((3 * standardError) / Math.sqrt(60)) // no bias
  })
})
