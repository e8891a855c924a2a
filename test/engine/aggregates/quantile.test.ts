import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BINS_MAX } from '../../../shared/engine/aggregates/dd-sketch.ts'
import { quantile, quantiles } from '../../../shared/engine/aggregates/quantile.ts'
import { numRuns } from '../runs.ts'
import { eventsOf, fold, foldInParts, n, randomFrom, resultOf } from './fold-aggregate.ts'

/** By its definition, from the whole list. */
const exact = (q: number, numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(q * (numbers.length - 1))]!

/** Within the accuracy, and a rounding of the borders. */
function expectWithin(got: number | null, wanted: number, accuracy: number): void {
  expect(Math.abs(got! - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * (accuracy + 1e-9))
}

const SHARES = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1]
const numbers = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1_000, max: 1_000 }),
  ),
  { minLength: 1, maxLength: 60 },
)

describe('a quantile', () => {
  it('is within one percent of the number at its rank, for all numbers there are', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(...SHARES), (list, q) => {
        expectWithin(resultOf(quantile(q, n), eventsOf(list)), exact(q, list), 0.01)
      }),
      { numRuns },
    )
  })

  it.each([0.002, 0.05, 0.2])('is within %d of it when asked to be', (accuracy) => {
    const random = randomFrom(1)
    const list = Array.from({ length: 3_000 }, () => random() * 100 + 20)
    for (const q of SHARES)
      expectWithin(resultOf(quantile(q, n, { accuracy }), eventsOf(list)), exact(q, list), accuracy)
  })

  it('is exact at both ends, and null without records', () => {
    const list = eventsOf([3.3, -7.7, -0.3, 5.5])
    expect([resultOf(quantile(0, n), list), resultOf(quantile(1, n), list)]).toEqual([-7.7, 5.5])
    expect(resultOf(quantile(0, n), eventsOf([0.1, 4, -0.3]))).toBe(-0.3)
    expect(resultOf(quantile(0.5, n), [])).toBe(null)
  })

  it('comes of the same state, whatever the order and whatever is merged with what', () => {
    const aggregate = quantile(0.5, n)
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), fc.integer(), (lists, seed) => {
        const merged = foldInParts(aggregate, lists.map(eventsOf), seed)
        expect(merged).toEqual(fold(aggregate, eventsOf(lists.flat())))
        expect(merged).toEqual(foldInParts(aggregate, lists.toReversed().map(eventsOf), seed))
      }),
      { numRuns },
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is refused', (bad) => {
    expect(() => resultOf(quantile(0.5, n), eventsOf([bad]))).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
  })
})

describe('several quantiles', () => {
  it('come of one state, under their names, with the accuracy that they have', () => {
    const list = Array.from({ length: 1_000 }, (_, i) => i + 1)
    const got = resultOf(quantiles({ p50: 0.5, p99: 0.99 }, n), eventsOf(list))
    expectWithin(got.p50, 500, 0.01)
    expectWithin(got.p99, 990, 0.01)
    expect(got.accuracy).toBeCloseTo(0.01, 12)
  })

  it('say that they are less accurate when the numbers fill more bins than there are', () => {
    // Forty powers of ten of both signs fill 9,200 bins of a hundredth, which fit after four doublings.
    const random = randomFrom(7)
    const list = Array.from({ length: 8_000 }, () => (random() < 0.5 ? -1 : 1) * 10 ** (random() * 40 - 20))
    const aggregate = quantiles({ p10: 0.1, p50: 0.5, p90: 0.9 }, n)
    const parts = Array.from({ length: 10 }, (_, i) => eventsOf(list.slice(i * 800, (i + 1) * 800)))
    const state = foldInParts(aggregate, parts, 3)
    const got = aggregate.result(state)
    expect(got.accuracy).toBeCloseTo(0.16, 1)
    for (const [name, q] of [
      ['p10', 0.1],
      ['p50', 0.5],
      ['p90', 0.9],
    ] as const)
      expectWithin(got[name], exact(q, list), got.accuracy)
    expect((state[1].length + state[3].length) / 2).toBeLessThanOrEqual(BINS_MAX)
    expect(JSON.stringify(state).length).toBeLessThanOrEqual(26 * 1_024)
    expect(state).toEqual(fold(aggregate, eventsOf(list)))
  })
})
