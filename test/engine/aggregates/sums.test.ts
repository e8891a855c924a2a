import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean } from '../../../shared/engine/aggregates/numbers.ts'
import { sum } from '../../../shared/engine/aggregates/sum.ts'
import { numRuns } from '../runs.ts'
import { fold, foldInParts, n, resultOf } from './fold-aggregate.ts'

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
      { numRuns },
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

  it('merging compensated sums keeps what either has lost', () => {
    // 2^53 and a one that does not fit beside it, twice, and the large ones taken away again.
    const halves = [2 ** 53, 1, 2 ** 53, 1, -(2 ** 53), -(2 ** 53)].map((each) => [{ n: each, at: 0 }])
    for (let seed = 0; seed < 20; seed++) expect(sum(n).result(foldInParts(sum(n), halves, seed))).toBe(2)
  })
})

describe('a decimal sum is exact', () => {
  const decimal = sum((event: { amount: number | string; at: number }) => event.amount, { exact: 'decimal' })
  const sumOf = (...amounts: (number | string)[]) =>
    resultOf(
      decimal,
      amounts.map((amount) => ({ amount, at: 0 })),
    )

  it.each<[given: (number | string)[], total: string]>([
    [[], '0'],
    [[0.1, 0.2], '0.3'],
    [['10.10', '0.9'], '11.00'],
    [['-0.05', '0.04'], '-0.01'],
    [['-0.05', 0.05], '0.00'],
    [[5, -7], '-2'],
    [['99999999999999999999.99', '0.01'], '100000000000000000000.00'],
    [['0.00000000000000000001', '1'], '1.00000000000000000001'],
  ])('%j is %s', (given, total) => {
    expect(sumOf(...given)).toBe(total)
  })

  const units = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
  const text = (cents: bigint) => {
    const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
    return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
  }

  it('of any amounts in cents, whatever is merged with what', () => {
    fc.assert(
      fc.property(fc.array(units, { minLength: 1, maxLength: 30 }), fc.integer(), (list, seed) => {
        const exact = text(list.reduce((total, each) => total + each, 0n))
        const parts = list.map((each) => [{ amount: text(each), at: 0 }])
        expect(sumOf(...list.map(text))).toBe(exact)
        expect(decimal.result(foldInParts(decimal, parts, seed))).toBe(exact)
      }),
      { numRuns },
    )
  })

  it.each(['', '1,5', '1e3', '.5', '5.', '+1', ' 1', '0x10', 'NaN', '1'.repeat(31), `0.${'1'.repeat(21)}`, 1e21, 1e-7])(
    '%j is refused',
    (amount) => {
      expect(() => sumOf(amount)).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
    },
  )
})

describe('an integer sum is exact', () => {
  const integer = sum(n, { exact: 'integer' })

  it.each([0.5, Number.NaN, 2 ** 53])('%d is refused', (bad) => {
    expect(() => resultOf(integer, [{ n: bad, at: 0 }])).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
  })

  it('a sum beyond 2^53 - 1 is refused, not rounded', () => {
    const state = fold(integer, [{ n: Number.MAX_SAFE_INTEGER, at: 0 }])
    expect(() => integer.add(state, { n: 1, at: 0 }, 0)).toThrow(expect.objectContaining({ code: 'CODE_FAILED' }))
  })
})
