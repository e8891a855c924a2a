import { describe, expect, it } from 'vitest'
import type { ConditionData } from '../../../shared/engine/patterns/condition-data.ts'
import { type PatternData, patternFromJson } from '../../../shared/engine/patterns/from-json.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { MillraceError } from '../../../shared/errors.ts'
import { play } from './play.ts'

const arrival = { kind: 'arrival' } as const
const events = (...values: object[]) => values.map((value, i) => ({ value, timeMs: 1_000 + i }))
/** The matches, as the numbers of their events. */
const found = (data: unknown, ...values: object[]) =>
  play(
    patternMachine(patternFromJson(data), (match) => match.all().map((event) => event.offset)),
    events(...values),
    { reload: true, untilMs: 100_000 },
  ).results.map((result) => result.value)

it('reads small-then-large as anyone would write it', () => {
  const data: PatternData = {
    order: { kind: 'event-time', graceMs: 0 },
    steps: [
      { name: 'small', where: { field: 'amount', is: '<', value: 100 }, atLeast: 3 },
      { join: 'followedBy', name: 'large', where: { field: 'amount', is: '>', value: 1_000 } },
    ],
    withinMs: 300_000,
    skip: 'past-last-event',
  }
  const payments = [1, 2, 3, 50, 2_000, 5].map((amount) => ({ amount }))
  expect(found(JSON.parse(JSON.stringify(data)), ...payments)).toEqual([[0, 1, 2, 3, 4]])
})

describe('a condition', () => {
  const payment = { amount: 5, country: 'AT', vip: false, card: { bin: '4000' }, note: null }
  const rows: [ConditionData, boolean][] = [
    [{ field: 'amount', is: '=', value: 5 }, true],
    [{ field: 'amount', is: '=', value: '5' }, false],
    [{ field: 'amount', is: '!=', value: 5 }, false],
    [{ field: 'amount', is: '!=', value: 6 }, true],
    [{ field: 'amount', is: '<', value: 5 }, false],
    [{ field: 'amount', is: '<=', value: 5 }, true],
    [{ field: 'amount', is: '>', value: 4 }, true],
    [{ field: 'amount', is: '>=', value: 6 }, false],
    [{ field: 'amount', is: '<', value: '9' }, false],
    [{ field: 'country', is: '<', value: 'DE' }, true],
    [{ field: 'absent', is: '=', value: null }, false],
    [{ field: 'note', is: '=', value: null }, true],
    [{ field: 'absent', is: '>=', value: 0 }, false],
    [{ field: ['card', 'bin'], is: '=', value: '4000' }, true],
    [{ field: ['card', 'bin', 'length'], is: '=', value: 4 }, false],
    [{ field: 'toString', is: '!=', value: 'x' }, true],
    [{ field: 'country', in: ['DE', 'AT'] }, true],
    [{ field: 'country', in: ['DE'] }, false],
    [{ field: 'vip', in: [false] }, true],
    [{ not: { field: 'vip', is: '=', value: true } }, true],
    [
      {
        all: [
          { field: 'amount', is: '>', value: 1 },
          { field: 'country', in: ['AT'] },
        ],
      },
      true,
    ],
    [
      {
        all: [
          { field: 'amount', is: '>', value: 9 },
          { field: 'country', in: ['AT'] },
        ],
      },
      false,
    ],
    [
      {
        any: [
          { field: 'amount', is: '>', value: 9 },
          { field: 'country', in: ['AT'] },
        ],
      },
      true,
    ],
    [
      {
        any: [
          { field: 'amount', is: '>', value: 9 },
          { field: 'vip', is: '=', value: true },
        ],
      },
      false,
    ],
  ]
  it.each(rows)('%j: %s', (where, holds) => {
    const data: PatternData = { order: arrival, steps: [{ name: 'a', where }] }
    expect(found(data, payment)).toEqual(holds ? [[0]] : [])
  })

  const before = { name: 'a', where: { field: 'kind', is: '=', value: 'a' }, measure: 'n', times: 3 } as const
  const three = [1, 2, 6].map((n) => ({ kind: 'a', n }))
  const running: [ConditionData, object, boolean][] = [
    [{ field: 'n', is: '=', than: { running: 'count', of: 'a' } }, { n: 3 }, true],
    [{ field: 'n', is: '=', than: { running: 'sum', of: 'a' } }, { n: 9 }, true],
    [{ field: 'n', is: '=', than: { running: 'min', of: 'a' } }, { n: 1 }, true],
    [{ field: 'n', is: '=', than: { running: 'max', of: 'a' } }, { n: 6 }, true],
    [{ field: 'n', is: '>', than: { running: 'mean', of: 'a', times: 2, plus: 1 } }, { n: 7 }, false],
    [{ field: 'n', is: '>', than: { running: 'mean', of: 'a', times: 2, plus: 1 } }, { n: 8 }, true],
    [{ field: 'n', is: '=', than: { first: 'a', field: 'n' } }, { n: 1 }, true],
    [{ field: 'n', is: '=', than: { last: 'a', field: 'n' } }, { n: 6 }, true],
    [{ running: 'count', of: 'a', is: '>=', value: 4 }, { n: 0 }, false],
    [{ field: 'absent', is: '=', than: { last: 'a', field: 'absent' } }, { n: 0 }, false],
    [{ field: 'absent', is: '!=', than: { last: 'a', field: 'absent' } }, { n: 0 }, true],
  ]
  it.each(running)('that looks back, %j of %j: %s', (where, last, holds) => {
    const data: PatternData = { order: arrival, steps: [before, { join: 'next', name: 'b', where }] }
    expect(found(data, ...three, last)).toEqual(holds ? [[0, 1, 2, 3]] : [])
  })
})

it('reads groups and every mark', () => {
  const kind = (value: string) => ({ field: 'kind', is: '=', value }) as const
  const data: PatternData = {
    order: arrival,
    steps: [
      { join: 'begin', name: 'a', where: kind('a'), times: [1, 2], greedy: true, gapMs: 50 },
      {
        join: 'followedBy',
        group: [
          { name: 'b', where: kind('b') },
          { join: 'followedBy', name: 'c', where: kind('c') },
        ],
        atLeast: 2,
        until: kind('x'),
        inner: 'allowCombinations',
        withinPreviousMs: 50,
      },
      { join: 'notFollowedBy', name: 'n', where: kind('n') },
      { join: 'next', name: 'o', where: kind('o'), optional: true },
      { join: 'followedByAny', name: 'd', where: kind('d') },
    ],
    withinMs: 100,
    skip: { toLast: 'd', onMiss: 'no-skip' },
  }
  const sequence = 'abcbcod'.split('').map((each) => ({ kind: each }))
  expect(found(data, ...sequence)).toEqual([[0, 1, 2, 3, 4, 5, 6]])
  expect(found(data, ...'abcxbcod'.split('').map((each) => ({ kind: each })))).toEqual([])
})

describe('data is refused', () => {
  const where = { field: 'n', is: '=', value: 1 }
  const step = { name: 'a', where }
  const one = (given: object) => ({ order: arrival, steps: [{ ...step, ...given }] })
  const two = (given: object) => ({ order: arrival, steps: [step, { join: 'next', name: 'b', where, ...given }] })
  const deep = Array.from({ length: 20 }).reduce<object>((inner) => ({ not: inner }), where)
  it.each<[string, unknown, string, RegExp]>([
    ['that is no object', 'pattern', 'OPTION_INVALID', /an object/],
    ['with an unknown name', { ...one({}), within: 5 }, 'OPTION_UNKNOWN', /"within"/],
    ['without an order', { steps: [step] }, 'OPTION_INVALID', /order/],
    ['with an unknown order', { order: { kind: 'random' }, steps: [step] }, 'OPTION_INVALID', /'event-time' or/],
    [
      'with a grace in arrival order',
      { order: { kind: 'arrival', graceMs: 1 }, steps: [step] },
      'OPTION_UNKNOWN',
      /grace/,
    ],
    ['without steps', { order: arrival, steps: [] }, 'OPTION_INVALID', /a list of 1 to/],
    ['with a step that has no name', one({ name: undefined }), 'PATTERN_INVALID', /needs a name/],
    ['with an unknown join', two({ join: 'then' }), 'OPTION_INVALID', /followedByAny/],
    ['that does not begin with begin', one({ join: 'next' }), 'OPTION_INVALID', /begin/],
    ['without a condition', one({ where: undefined }), 'OPTION_INVALID', /an object/],
    ['with code as a condition', one({ where: 'n == 1' }), 'OPTION_INVALID', /an object/],
    ['with an unknown relation', one({ where: { ...where, is: '~' } }), 'OPTION_INVALID', /!=/],
    ['with an inherited relation', one({ where: { ...where, is: 'toString' } }), 'OPTION_INVALID', /!=/],
    ['with a value that is no value', one({ where: { ...where, value: {} } }), 'OPTION_INVALID', /a number, a text/],
    ['with two conditions in one', one({ where: { ...where, in: [1] } }), 'OPTION_UNKNOWN', /"is"/],
    ['with an empty list', one({ where: { field: 'n', in: [] } }), 'OPTION_INVALID', /a list of 1/],
    ['with a field that is none', one({ where: { ...where, field: [] } }), 'OPTION_INVALID', /name of a field/],
    ['with conditions that are too deep', one({ where: deep }), 'OPTION_INVALID', /at most 16/],
    [
      'with an unknown running value',
      one({ where: { running: 'median', of: 'a', is: '>', value: 1 } }),
      'OPTION_INVALID',
      /mean/,
    ],
    [
      'with a running value of no step',
      two({ where: { running: 'count', of: 'z', is: '>', value: 1 } }),
      'PATTERN_INVALID',
      /no step called "z"/,
    ],
    [
      'with a sum of a step without a measure',
      two({ where: { running: 'sum', of: 'a', is: '>', value: 1 } }),
      'PATTERN_INVALID',
      /has no measure/,
    ],
    ['with three numbers of times', one({ times: [1, 2, 3] }), 'OPTION_INVALID', /from and to/],
    ['with no number of times', one({ times: [] }), 'OPTION_INVALID', /from and to/],
    ['with a flag that is none', one({ optional: 'yes' }), 'OPTION_INVALID', /true or false/],
    ['with a gap of no loop', two({ gapMs: 5 }), 'OPTION_INVALID', /times or atLeast/],
    ['with a reading of no gap', one({ times: 2, gapReading: 'flink' }), 'OPTION_INVALID', /beside gapMs, or left out/],
    ['with a reading of no gap and no loop', two({ gapReading: 'every' }), 'OPTION_INVALID', /beside gapMs/],
    ['with an unknown inner contiguity', one({ atLeast: 1, inner: 'strict' }), 'OPTION_INVALID', /consecutive/],
    ['that is no pattern', one({ optional: true }), 'PATTERN_INVALID', /Every step is optional/],
    ['with an unknown skip strategy', { ...one({}), skip: 'all' }, 'OPTION_INVALID', /past-last-event/],
  ])('%s', (_, data, code, says) => {
    let error: unknown
    try {
      patternFromJson(data)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(MillraceError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) })
  })
})
