import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Aggregate, combine } from '../../../shared/engine/aggregates/aggregate.ts'
import { count, max, mean, min, sum } from '../../../shared/engine/aggregates/numbers.ts'
import { collect, first, last, reduce } from '../../../shared/engine/aggregates/values.ts'

type Event = { readonly n: number; readonly at: number }
const n = (event: Event) => event.n
const sumOf = (events: readonly Event[]) => events.reduce((total, event) => total + event.n, 0)

function resultOf<State, Result>(aggregate: Aggregate<Event, State, Result>, events: readonly Event[]): Result {
  return aggregate.result(fold(aggregate, events))
}
function fold<State>(aggregate: Aggregate<Event, State, unknown>, events: readonly Event[]): State {
  return events.reduce(
    (state, event) => JSON.parse(JSON.stringify(aggregate.add(state, event, event.at))) as State,
    aggregate.initialize(),
  )
}

// What each result is by its definition, from the whole list.
const definitions: [
  name: string,
  aggregate: Aggregate<Event, unknown, unknown>,
  naive: (events: readonly Event[]) => unknown,
][] = [
  ['count', count(), (events) => events.length],
  ['sum', sum(n), sumOf],
  ['min', min(n), (events) => (events.length === 0 ? null : Math.min(...events.map(n)))],
  ['max', max(n), (events) => (events.length === 0 ? null : Math.max(...events.map(n)))],
  ['mean', mean(n), (events) => (events.length === 0 ? null : sumOf(events) / events.length)],
  ['first', first(n), (events) => events.toSorted((a, b) => a.at - b.at)[0]?.n ?? null],
  ['last', last(n), (events) => events.toSorted((a, b) => a.at - b.at).at(-1)?.n ?? null],
  [
    'collect(3)',
    collect(3, n),
    (events) => ({ values: events.slice(0, 3).map(n), more: Math.max(0, events.length - 3) }),
  ],
  [
    'reduce',
    reduce((a: number, b: number) => Math.max(a, b), n),
    (events) => (events.length === 0 ? null : Math.max(...events.map(n))),
  ],
]

// Whole numbers: naive sums of them are exact, so equality is the right comparison.
const events = fc.array(
  fc.record({ n: fc.integer({ min: -1_000_000, max: 1_000_000 }), at: fc.integer({ min: 0, max: 20 }) }),
  { maxLength: 30 },
)

describe('an aggregate is what its definition says of the list of records', () => {
  it.each(definitions)('%s', (_, aggregate, naive) => {
    fc.assert(
      fc.property(events, (list) => {
        expect(resultOf(aggregate, list)).toEqual(naive(list))
      }),
    )
  })

  it.each(definitions)('%s: merging the states of two parts is the state of the whole', (_, aggregate, naive) => {
    fc.assert(
      fc.property(events, events, (a, b) => {
        expect(aggregate.result(aggregate.merge(fold(aggregate, a), fold(aggregate, b)))).toEqual(naive([...a, ...b]))
      }),
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
})

describe('sums of money do not drift', () => {
  const cents = fc.array(fc.integer({ min: -100_000_000, max: 100_000_000 }), { minLength: 1, maxLength: 200 })

  it('a sum of amounts in cents is the nearest number to the exact one', () => {
    fc.assert(
      fc.property(cents, (list) => {
        const exact = list.reduce((total, each) => total + each, 0) / 100
        // An amount in cents is seldom a binary number: each comes with a rounding of its own, which no sum can undo.
        const given = list.reduce((total, each) => total + Math.abs(each / 100), 0) * 2 ** -52
        const amounts = list.map((each) => ({ n: each / 100, at: 0 }))
        expect(Math.abs(resultOf(sum(n), amounts) - exact)).toBeLessThanOrEqual(given)
      }),
    )
  })

  it('a million times a tenth is a hundred thousand', () => {
    const aggregate = sum(n)
    let state = aggregate.initialize()
    for (let i = 0; i < 1_000_000; i++) state = aggregate.add(state, { n: 0.1, at: 0 }, 0)
    expect(aggregate.result(state)).toBe(100_000)
  })

  it('a sum that would leave the range of numbers is refused', () => {
    const huge = { n: Number.MAX_VALUE, at: 0 }
    expect(() => resultOf(sum(n), [huge, huge])).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
    expect(() => resultOf(mean(n), [huge, huge])).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])('%s is refused: it would stay for ever', (bad) => {
    expect(() => resultOf(sum(n), [{ n: bad as number, at: 0 }])).toThrow(
      expect.objectContaining({ code: 'CODE_FAILED' }),
    )
  })
})
