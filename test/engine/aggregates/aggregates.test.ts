import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combine } from '../../../shared/engine/aggregates/aggregate.ts'
import { count } from '../../../shared/engine/aggregates/numbers.ts'
import { sum } from '../../../shared/engine/aggregates/sum.ts'
import { reduce } from '../../../shared/engine/aggregates/values.ts'
import { numRuns } from '../runs.ts'
import { definitions, events } from './definitions.ts'
import { type Event, fold, n, resultOf } from './fold-aggregate.ts'

describe('an aggregate is what its definition says of the list of records', () => {
  it.each(definitions)('%s', (_, aggregate, naive) => {
    fc.assert(
      fc.property(events, (list) => {
        expect(resultOf(aggregate, list)).toEqual(naive(list))
      }),
      { numRuns },
    )
  })

  it.each(definitions)('%s: merging the states of two parts is the state of the whole', (_, aggregate, naive) => {
    fc.assert(
      fc.property(events, events, (a, b) => {
        expect(aggregate.result(aggregate.merge(fold(aggregate, a), fold(aggregate, b)))).toEqual(naive([...a, ...b]))
      }),
      { numRuns },
    )
  })

  it.each(definitions)('%s: merging is associative', (_, aggregate) => {
    fc.assert(
      fc.property(events, events, events, (...lists) => {
        const [a, b, c] = lists.map((list) => fold(aggregate, list)) as [unknown, unknown, unknown]
        const left = aggregate.merge(aggregate.merge(a, b), c)
        const right = aggregate.merge(a, aggregate.merge(b, c))
        expect(aggregate.result(left)).toEqual(aggregate.result(right))
      }),
      { numRuns },
    )
  })

  it('several are one pass with a name each', () => {
    expect(
      resultOf(combine<Event>({ count: count(), total: sum(n) }), [
        { n: 2, at: 0 },
        { n: 3, at: 1 },
      ]),
    ).toEqual({ count: 2, total: 5 })
  })

  it('a null that was reduced is a value, not a beginning', () => {
    const smaller = reduce<number | null>((a, b) => (a === null || b === null ? null : Math.min(a, b)))
    const states = [3, null, 5].map((each) => smaller.add(smaller.initialize(), each, 0))
    const all = states.reduce((a, b) => smaller.merge(a, b), smaller.initialize())
    expect([smaller.result(all), smaller.result(smaller.add(all, 1, 0))]).toEqual([null, null])
  })
})
