import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stddev, variance } from '../../../shared/engine/aggregates/spread.ts'
import { numRuns } from '../runs.ts'
import { eventsOf, foldInParts, n, resultOf } from './fold-aggregate.ts'

describe('the variance', () => {
  it.each([
    { numbers: [], sample: null, population: null },
    { numbers: [7], sample: null, population: 0 },
    { numbers: [1, 3], sample: 2, population: 1 },
    // Distances -3, -1, -1, -1, 0, 0, 2, 4 from a mean of 5: 32 over 7, or over 8.
    { numbers: [2, 4, 4, 4, 5, 5, 7, 9], sample: 32 / 7, population: 4 },
  ])('of $numbers is $sample as a sample and $population as a population', ({ numbers, sample, population }) => {
    const events = eventsOf(numbers)
    expect(resultOf(variance(n), events)).toEqual(sample)
    expect(resultOf(variance(n, { population: true }), events)).toEqual(population)
    expect(resultOf(stddev(n), events)).toEqual(sample === null ? null : Math.sqrt(sample))
  })

  it('of numbers that differ little and are large does not cancel out', () => {
    // The textbook's sum of squares less square of sums gives 0, or less, here.
    expect(resultOf(variance(n), eventsOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]))).toBe(30)
  })

  it('is that of the whole list, whatever is merged with what', () => {
    const parts = fc.array(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { maxLength: 8 }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(parts, fc.integer(), (lists, seed) => {
        const merged = foldInParts(variance(n), lists.map(eventsOf), seed)
        const all = lists.flat()
        const mean = all.reduce((a, b) => a + b, 0) / all.length
        const squares = all.reduce((total, each) => total + (each - mean) ** 2, 0)
        const got = variance(n).result(merged)
        if (all.length < 2) expect(got).toBe(null)
        else expect(Math.abs(got! - squares / (all.length - 1))).toBeLessThanOrEqual(1e-9 * (1 + squares))
      }),
      { numRuns },
    )
  })

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e200])(
    '%d, or what grows beyond numbers with it, is refused',
    (bad) => {
      expect(() => resultOf(variance(n), eventsOf([0, bad]))).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
    },
  )
})
