import fc from 'fast-check'
import type { Aggregate } from '../../../shared/engine/aggregates/aggregate.ts'
import { countDistinct } from '../../../shared/engine/aggregates/count-distinct.ts'
import { maxBy, minBy } from '../../../shared/engine/aggregates/extremes.ts'
import { count, max, mean, min } from '../../../shared/engine/aggregates/numbers.ts'
import { quantile } from '../../../shared/engine/aggregates/quantile.ts'
import { rate } from '../../../shared/engine/aggregates/rate.ts'
import { sum } from '../../../shared/engine/aggregates/sum.ts'
import { topK } from '../../../shared/engine/aggregates/top-k.ts'
import { collect, custom, first, last, reduce } from '../../../shared/engine/aggregates/values.ts'
import { minutes, seconds } from '../../../shared/time.ts'
import { type Event, n } from './fold-aggregate.ts'

const at = (event: Event) => event.at
const id = (event: Event) => `${event.n}@${event.at}`
// Few different ones, so that there are equals.
const parity = (event: Event) => Math.abs(event.n % 3)
const sumOf = (events: readonly Event[]) => events.reduce((total, event) => total + event.n, 0)

type Definition = [
  name: string,
  aggregate: Aggregate<Event, unknown, unknown>,
  naive: (events: readonly Event[]) => unknown,
]

/** What each result is by its definition, from the whole list. */
export const definitions: Definition[] = [
  ['count', count(), (events) => events.length],
  ['sum', sum(n), sumOf],
  ['min', min(n), (events) => (events.length === 0 ? null : Math.min(...events.map(n)))],
  ['max', max(n), (events) => (events.length === 0 ? null : Math.max(...events.map(n)))],
  ['sum, integer', sum(n, { exact: 'integer' }), sumOf],
  ['sum, decimal', sum(n, { exact: 'decimal' }), (events) => String(sumOf(events))],
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
  // Of equal ones the first: sorting is stable.
  ['minBy', minBy(parity, id), (events) => events.toSorted((a, b) => parity(a) - parity(b)).map(id)[0] ?? null],
  ['maxBy', maxBy(parity, id), (events) => events.toSorted((a, b) => parity(b) - parity(a)).map(id)[0] ?? null],
  ['rate over 5 s', rate({ of: n, over: seconds(5) }), (events) => sumOf(events) / 5],
  [
    'rate per minute, of records',
    rate({ per: minutes(1) }),
    (events) => {
      const [from, to] = [Math.min(...events.map(at)), Math.max(...events.map(at))]
      return from < to ? ((events.length - 1) * 60_000) / (to - from) : null
    },
  ],
  [
    'rate of values',
    rate({ of: n }),
    (events) => {
      const [opens, ...rest] = events.toSorted((a, b) => at(a) - at(b))
      const tookMs = Math.max(...events.map(at)) - (opens?.at ?? 0)
      return tookMs > 0 ? (sumOf(rest) * 1_000) / tookMs : null
    },
  ],
  [
    'countDistinct',
    countDistinct((event) => event.at),
    (events) => ({ count: new Set(events.map(at)).size, exact: true }),
  ],
  ['topK(3)', topK(3, (event) => event.at), (events) => ({ items: naiveTop(events, 3), exact: true, error: 0 })],
  ['quantile, both ends', quantile(1, n), (events) => (events.length === 0 ? null : Math.max(...events.map(n)))],
  [
    'custom',
    custom<Event, number, number>('xor', {
      initialize: () => 0,
      add: (state, event) => state ^ event.n,
      merge: (a, b) => a ^ b,
      result: (state) => state,
    }),
    (events) => events.reduce((state, event) => state ^ event.n, 0),
  ],
]

function naiveTop(events: readonly Event[], k: number): { item: number; count: number }[] {
  const items = [...new Set(events.map(at))].map((item) => ({
    item,
    count: events.filter((e) => e.at === item).length,
  }))
  return items.sort((a, b) => b.count - a.count || (String(a.item) < String(b.item) ? -1 : 1)).slice(0, k)
}

// Whole numbers: naive sums of them are exact, so equality is the right comparison.
export const events = fc.array(
  fc.record({ n: fc.integer({ min: -1_000_000, max: 1_000_000 }), at: fc.integer({ min: 0, max: 20 }) }),
  { maxLength: 30 },
)
