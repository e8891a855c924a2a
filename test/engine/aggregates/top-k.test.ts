import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topK } from '../../../shared/engine/aggregates/top-k.ts'
import { numRuns } from '../runs.ts'
import { fold, foldInParts, randomFrom, resultOf } from './fold-aggregate.ts'

interface Bought {
  readonly item: string
  readonly at: number
}
const bought = (items: readonly string[]): Bought[] => items.map((item, at) => ({ item, at }))
const item = (each: Bought) => each.item

describe('the most frequent items', () => {
  it('come most frequent first, of equal counts the lower first', () => {
    expect(resultOf(topK(2, item), bought([...'cbabcad']))).toEqual({
      items: [
        { item: 'a', count: 2 },
        { item: 'b', count: 2 },
      ],
      exact: true,
      error: 0,
    })
  })

  it('with room for two items, a third takes one from each, and itself', () => {
    // a a b c: counts a 2, b 1; c takes one: a 1, b gone. What is left of a is at least 1, at most 2.
    expect(resultOf(topK(2, item, { keep: 2 }), bought([...'aabc']))).toEqual({
      items: [{ item: 'a', count: 2 }],
      exact: false,
      error: 1,
    })
  })

  it('no count is too low, none too high by more than stated, whatever is merged with what', () => {
    const lists = fc.array(fc.array(fc.constantFrom(...'aaaabbbccdefghij'), { maxLength: 20 }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 6 }), fc.integer(), (parts, keep, seed) => {
        const aggregate = topK(keep, item, { keep })
        const all = parts.flat()
        const { items, exact, error } = aggregate.result(foldInParts(aggregate, parts.map(bought), seed))
        const truth = (name: string) => all.filter((each) => each === name).length
        expect(error).toBeLessThanOrEqual(all.length / (keep + 1))
        expect(exact).toBe(error === 0)
        for (const each of items) {
          expect(each.count).toBeGreaterThanOrEqual(truth(each.item))
          expect(each.count - error).toBeLessThanOrEqual(truth(each.item))
        }
        for (const name of new Set(all))
          if (truth(name) > all.length / (keep + 1)) expect(items.map((each) => each.item)).toContain(name)
      }),
      { numRuns },
    )
  })

  it('are found among 10,000 when they stand out, in a state of a hundred', () => {
    const random = randomFrom(11)
    const items = Array.from({ length: 20_000 }, () =>
      random() < 0.3 ? `top ${Math.floor(random() * 3)}` : `${Math.floor(random() * 10_000)}`,
    )
    const aggregate = topK(3, item)
    const state = fold(aggregate, bought(items))
    expect(
      aggregate
        .result(state)
        .items.map((each) => each.item)
        .toSorted(),
    ).toEqual(['top 0', 'top 1', 'top 2'])
    expect(aggregate.result(state).error).toBeLessThanOrEqual(20_000 / 101)
    expect(state[1].length).toBeLessThanOrEqual(100)
  })
})
