import { describe, expect, it } from 'vitest'
import { count, max, mean, rate, stddev, sum } from '#millrace'
import type { Aggregate } from '../../../shared/engine/aggregates/aggregate.ts'
import { fold, n } from './fold-aggregate.ts'

// Numbers of 17 digits with an exponent, at the longest times there are: no state is longer than with these.
const awkward = Array.from({ length: 50 }, (_, i) => ({
  n: (i % 2 === 0 ? -1 : 1) * 1.2345678901234567e-101 * 1.0000001 ** i,
  at: 8_640_000_000_000_000 - 1_000 + i,
}))

describe('the state of an aggregate of numbers stays within the bytes that its documentation states', () => {
  it.each<[name: string, aggregate: Aggregate<(typeof awkward)[number], unknown, unknown>, bytes: number]>([
    ['count', count(), 16],
    ['sum', sum(n), 55],
    ['max', max(n), 25],
    ['mean', mean(n), 70],
    ['stddev', stddev(n), 70],
    ['rate', rate({ of: n }), 120],
  ])('%s', (_, aggregate, bytes) => {
    expect(JSON.stringify(fold(aggregate, awkward)).length).toBeLessThanOrEqual(bytes)
  })
})
