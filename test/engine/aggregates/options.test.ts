import { describe, expect, it } from 'vitest'
import {
  collect,
  countDistinct,
  custom,
  first,
  maxBy,
  mean,
  min,
  ms,
  quantile,
  quantiles,
  rate,
  reduce,
  stddev,
  sum,
  topK,
  variance,
} from '#millrace'

// What JavaScript callers, and casts, can get past the compiler.
const any = (value: unknown): never => value as never
const of = (value: { n: number }) => value.n
const id = (value: { id: string }) => value.id

const wrong: { title: string; declare: () => unknown; code?: string; says: RegExp }[] = [
  { title: 'a field by its name', declare: () => sum(any('amount')), says: /sum\(of\): of is "string".*a function/ },
  { title: 'no field', declare: () => mean(any(undefined)), says: /mean\(of\)/ },
  { title: 'no field of a minimum', declare: () => min(any(1)), says: /min\(of\)/ },
  { title: 'a part that is none', declare: () => first(any(1)), says: /first\(of\)/ },
  {
    title: 'a kind of sum that there is not',
    declare: () => sum(of, any({ exact: 'money' })),
    says: /'integer' or 'decimal'/,
  },
  { title: 'a typo', declare: () => sum(of, any({ exakt: 'integer' })), code: 'OPTION_UNKNOWN', says: /exakt.*exact/ },
  { title: 'population as text', declare: () => variance(of, { population: any('yes') }), says: /true or false/ },
  {
    title: 'a typo of population',
    declare: () => stddev(of, any({ sample: true })),
    code: 'OPTION_UNKNOWN',
    says: /population/,
  },
  { title: 'a share above 1', declare: () => quantile(99, of), says: /q is 99.*from 0 to 1/ },
  { title: 'a share below 0', declare: () => quantile(-0.1, of), says: /q is -0.1/ },
  { title: 'a share that is no number', declare: () => quantile(Number.NaN, of), says: /q is NaN/ },
  { title: 'an accuracy of 0', declare: () => quantile(0.5, of, { accuracy: 0 }), says: /accuracy is 0.*0.002 to 0.2/ },
  { title: 'no shares', declare: () => quantiles({}, of), says: /p50: 0.5/ },
  { title: 'a share called accuracy', declare: () => quantiles({ accuracy: 0.5 }, of), says: /called otherwise/ },
  {
    title: 'one share of several out of range',
    declare: () => quantiles({ p50: 0.5, p99: 99 }, of),
    says: /p99 is 99/,
  },
  { title: 'the top 0', declare: () => topK(0, id), says: /k is 0.*1 to 500/ },
  { title: 'the top 1.5', declare: () => topK(1.5, id), says: /k is 1.5/ },
  { title: 'fewer kept than asked for', declare: () => topK(5, id, { keep: 4 }), says: /keep is 4.*5 to 500/ },
  { title: 'a bound of 0', declare: () => countDistinct(id, { exactMax: 0 }), says: /exactMax is 0/ },
  { title: 'a bound above the limit', declare: () => countDistinct(id, { exactMax: 1_001 }), says: /1 to 1000/ },
  {
    title: 'a precision out of range',
    declare: () => countDistinct(id, { precision: 20 }),
    says: /precision is 20.*8 to 14/,
  },
  { title: 'collect of 0', declare: () => collect(0), says: /max is 0/ },
  { title: 'a length of 0', declare: () => rate({ over: ms(0) }), code: 'DURATION_INVALID', says: /over is 0/ },
  {
    title: 'a unit that is no time',
    declare: () => rate({ per: Number.NaN }),
    code: 'DURATION_INVALID',
    says: /per is NaN/,
  },
  { title: 'a rate of no function', declare: () => rate({ of: any('n') }), says: /of is "string"/ },
  { title: 'the largest by no function', declare: () => maxBy(any(undefined)), says: /maxBy\(by\)/ },
  { title: 'reduce without a function', declare: () => reduce(any(undefined)), says: /combineTwo/ },
  {
    title: 'custom without a merge',
    declare: () => custom('x', any({ initialize: of, add: of, result: of })),
    says: /merge/,
  },
  {
    title: 'custom without a name',
    declare: () => custom('', any({ initialize: of, add: of, merge: of, result: of })),
    says: /name is ""/,
  },
]

describe('a wrong option of an aggregate is an error where it is declared, which says what is right', () => {
  it.each(wrong)('$title', ({ declare, code = 'OPTION_INVALID', says }) => {
    expect(declare).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says) }))
  })
})
