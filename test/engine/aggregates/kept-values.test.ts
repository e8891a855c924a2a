import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Aggregate } from '../../../shared/engine/aggregates/aggregate.ts'
import { maxBy, minBy } from '../../../shared/engine/aggregates/extremes.ts'
import { collect, first, last, reduce } from '../../../shared/engine/aggregates/values.ts'

interface Visit {
  readonly at: Date
  readonly n: number
}
const visit = (n: number): Visit => ({ at: new Date(n), n })
const earliest = (a: string, b: string): string => (a < b ? a : b)
const T1 = '1970-01-01T00:00:00.001Z'

// What is kept of a record goes through JSON with the state: a Date is its text from the beginning, not from the next batch on.
const kept: [name: string, aggregate: Aggregate<Visit, unknown, unknown>, result: unknown][] = [
  ['first', first((each: Visit) => each.at), T1],
  ['last, of the whole record', last<Visit>(), { at: T1, n: 1 }],
  ['minBy', minBy((each: Visit) => each.n), { at: T1, n: 1 }],
  [
    'maxBy',
    maxBy(
      (each: Visit) => each.n,
      (each) => each.at,
    ),
    T1,
  ],
  ['collect', collect(3, (each: Visit) => [each.at, undefined]), { values: [[T1, null]], more: 0 }],
  ['reduce', reduce(earliest, (each: Visit) => each.at as unknown as string), T1],
]

describe('values that aggregates keep have been through JSON', () => {
  it.each(kept)('%s: also in the result that goes out with the record itself', (_, aggregate, result) => {
    const state = aggregate.add(aggregate.initialize(), visit(1), 1)
    expect(aggregate.result(state)).toEqual(result)
    expect(aggregate.result(JSON.parse(JSON.stringify(state)))).toEqual(result)
  })

  it('and their types say so', () => {
    type ResultOf<A> = A extends { result(state: never): infer Result } ? Result : never
    const one = first((each: Visit) => each.at)
    expectTypeOf<ResultOf<typeof one>>().toEqualTypeOf<string | null>()
    const whole = last<Visit>()
    expectTypeOf<ResultOf<typeof whole>>().toEqualTypeOf<{ readonly at: string; readonly n: number } | null>()
    const list = collect(3, (each: Visit) => each.at)
    expectTypeOf<ResultOf<typeof list>['values']>().toEqualTypeOf<readonly string[]>()
    const least = minBy((each: Visit) => each.n)
    expectTypeOf<ResultOf<typeof least>>().toEqualTypeOf<{ readonly at: string; readonly n: number } | null>()
    // What is combined is what was kept, whether it was combined before or not.
    const joined = reduce(
      (a, b) => {
        expectTypeOf(a).toEqualTypeOf<{ readonly at: string; readonly n: number }>()
        return a.at < b.at ? a : b
      },
      (each: Visit) => each,
    )
    expectTypeOf<ResultOf<typeof joined>>().toEqualTypeOf<{ readonly at: string; readonly n: number } | null>()
  })
})
