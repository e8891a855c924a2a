import { describe, expect, it } from 'vitest'
import { compile } from '../../../shared/engine/patterns/compile.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { MillraceError } from '../../../shared/errors.ts'
import { minutes, ms, seconds } from '../../../shared/time.ts'
import { arrival, is, type Named } from './examples.ts'

const a = () => arrival().begin('a', is('a'))
const group = () => a().followedBy((g) => g.begin('b', is('b')))
const bad = <T>(value: unknown): T => value as T

describe('a declaration is refused', () => {
  const steps = Array.from({ length: 31 }, (_, i) => String(i))
  const rows: Record<string, [declare: () => unknown, code: string, says: RegExp]> = {
    'an unknown order': [() => pattern().order(bad('random')), 'OPTION_INVALID', /'event-time' or 'arrival'/],
    'event time without a grace': [() => pattern().order('event-time', bad({})), 'DURATION_INVALID', /grace/],
    'a negative grace': [() => pattern().order('event-time', { grace: ms(-1) }), 'DURATION_INVALID', /at least 0/],
    'an unknown option of the order': [
      () => pattern().order('event-time', bad({ grace: ms(1), graze: 2 })),
      'OPTION_UNKNOWN',
      /"graze"/,
    ],
    'a grace in arrival order': [
      () => bad<(kind: string, options: object) => void>(pattern().order)('arrival', { grace: 1 }),
      'OPTION_UNKNOWN',
      /"grace"/,
    ],
    'an empty name': [() => arrival().begin('', is('a')), 'PATTERN_INVALID', /needs a name/],
    'a name twice': [() => a().next('a', is('b')), 'PATTERN_INVALID', /called "a" already/],
    'a condition that is no function': [() => a().next('b', bad('b')), 'OPTION_INVALID', /a function of the event/],
    'too many conditions': [
      () => compile(steps.reduce((built, name) => bad(built.next(name, is('b'))), a())),
      'PATTERN_INVALID',
      /30 is the most/,
    ],
    'times(0)': [() => a().times(0), 'OPTION_INVALID', /from 1 to 1000/],
    'times(1.5)': [() => a().times(1.5), 'OPTION_INVALID', /whole number/],
    'times(3, 2)': [() => a().times(3, 2), 'PATTERN_INVALID', /smaller number first/],
    'times(-1, 2)': [() => a().times(-1, 2), 'OPTION_INVALID', /from 0/],
    'atLeast(0)': [() => a().atLeast(0), 'OPTION_INVALID', /from 1/],
    'two quantifiers': [() => a().oneOrMore().times(2), 'PATTERN_INVALID', /second quantifier/],
    'a quantifier after optional': [() => a().optional().oneOrMore(), 'PATTERN_INVALID', /directly after the step/],
    'a quantifier on a NOT': [
      () => bad<ReturnType<typeof a>>(a().notNext('n', is('n'))).oneOrMore(),
      'PATTERN_INVALID',
      /takes no event/,
    ],
    'optional twice': [() => a().optional().optional(), 'PATTERN_INVALID', /optional already/],
    'an optional NOT': [() => a().notNext('n', is('n')).optional(), 'PATTERN_INVALID', /NOT cannot be optional/],
    'greedy on one event': [() => a().greedy(), 'PATTERN_INVALID', /greedy speaks of a loop/],
    'greedy with combinations': [
      () => a().oneOrMore().allowCombinations().greedy(),
      'PATTERN_INVALID',
      /greedy and allow combinations/,
    ],
    'combinations with greedy': [
      () => a().oneOrMore().greedy().allowCombinations(),
      'PATTERN_INVALID',
      /greedy and allow combinations/,
    ],
    'an optional step after a greedy one': [
      () => a().oneOrMore().greedy().next('b', is('b')).optional(),
      'PATTERN_INVALID',
      /after a greedy one/,
    ],
    'consecutive on one event': [() => a().consecutive(), 'PATTERN_INVALID', /consecutive speaks of a loop/],
    'consecutive with combinations': [
      () => a().oneOrMore().consecutive().allowCombinations(),
      'PATTERN_INVALID',
      /either consecutive or/,
    ],
    'until on a loop with an end': [() => a().times(2).until(is('x')), 'PATTERN_INVALID', /no end of its own/],
    'until twice': [() => a().oneOrMore().until(is('x')).until(is('y')), 'PATTERN_INVALID', /an until already/],
    'until without a function': [() => a().oneOrMore().until(bad(1)), 'OPTION_INVALID', /a function of the event/],
    'a NOT after an optional step': [
      () => a().followedBy('b', is('b')).optional().notFollowedBy('n', is('n')),
      'PATTERN_INVALID',
      /right after the optional step "b"/,
    ],
    'notNext after a NOT': [
      () => a().notFollowedBy('m', is('m')).notNext('n', is('n')),
      'PATTERN_INVALID',
      /Put notNext first/,
    ],
    'a quantifier on a NOT group': [
      () => bad<(group: unknown) => void>(a().notFollowedBy)((g: ReturnType<typeof arrival>) => g.begin('b', is('b'))),
      'PATTERN_INVALID',
      /A NOT speaks of one event, not of a group/,
    ],
    'a greedy group': [() => group().oneOrMore().greedy(), 'PATTERN_INVALID', /A group cannot be greedy/],
    'a group that is none': [
      () => a().followedBy(() => bad<ReturnType<typeof a>>(undefined)),
      'PATTERN_INVALID',
      /does not return a group/,
    ],
    'a group that is a whole pattern': [
      () => a().followedBy(() => bad<ReturnType<typeof a>>(arrival().begin('b', is('b')))),
      'PATTERN_INVALID',
      /does not return a group/,
    ],
    'a pattern that is a group': [
      () => {
        let inner: unknown
        a().followedBy((g) => {
          inner = g.begin('b', is('b'))
          return bad<ReturnType<typeof a>>(inner)
        })
        compile(bad(inner))
      },
      'PATTERN_INVALID',
      /A group was given as a pattern/,
    ],
    'a group that ends with a NOT': [
      () => a().followedBy((g) => g.begin('b', is('b')).notFollowedBy('n', is('n'))),
      'PATTERN_INVALID',
      /ends with the NOT "n"/,
    ],
    'a group of which nothing is required': [
      () => a().followedBy((g) => g.begin('b', is('b')).optional()),
      'PATTERN_INVALID',
      /Every step of the group is optional/,
    ],
    'a name of a group twice': [
      () => a().followedBy((g) => g.begin('a', is('b'))),
      'PATTERN_INVALID',
      /called "a" already/,
    ],
    'a pattern that is none': [() => compile(bad(undefined)), 'PATTERN_INVALID', /does not return a pattern/],
    'an order without a step': [() => compile(bad(arrival())), 'PATTERN_INVALID', /does not return a pattern/],
    'a window in a group': [
      () => a().followedBy((g) => g.begin('b', is('b')).within(minutes(1))),
      'PATTERN_INVALID',
      /window is that of the whole match/,
    ],
    'a skip strategy in a group': [
      () => a().followedBy((g) => g.begin('b', is('b')).skip('to-next')),
      'PATTERN_INVALID',
      /skip strategy is that of the whole pattern/,
    ],
    'a condition of a group': [() => group().where(is('b')), 'PATTERN_INVALID', /no condition for where/],
    'or after a quantifier': [() => a().oneOrMore().or(is('b')), 'PATTERN_INVALID', /or comes after another mark/],
    'a NOT after an optional group': [
      () => group().optional().notNext('n', is('n')),
      'PATTERN_INVALID',
      /right after the optional step "b"/,
    ],
    'an optional group after a greedy step': [
      () =>
        a()
          .oneOrMore()
          .greedy()
          .followedBy((g) => g.begin('b', is('b')))
          .optional(),
      'PATTERN_INVALID',
      /after a greedy one/,
    ],
    'a group that begins with an optional step after a greedy one': [
      () =>
        a()
          .oneOrMore()
          .greedy()
          .followedBy((g) => g.begin('b', is('b')).optional().next('c', is('c'))),
      'PATTERN_INVALID',
      /after a greedy one/,
    ],
    'rounds that end greedy and begin optional': [
      () =>
        a()
          .followedBy((g) => g.begin('b', is('b')).optional().next('c', is('c')).oneOrMore().greedy())
          .oneOrMore(),
      'PATTERN_INVALID',
      /both would decide where a round ends/,
    ],
    'loops that multiply': [
      () =>
        compile(
          a()
            .followedBy((g) => g.begin('b', is('b')).times(1_000))
            .times(1_000),
        ),
      'PATTERN_INVALID',
      /more than 20000 states/,
    ],
    'withinPrevious on the first step': [
      () => a().withinPrevious(ms(1)),
      'PATTERN_INVALID',
      /no event before the first/,
    ],
    'withinPrevious on notNext': [
      () => a().notNext('n', is('n')).withinPrevious(ms(1)),
      'PATTERN_INVALID',
      /whenever that comes/,
    ],
    'withinPrevious of no length': [
      () => a().next('b', is('b')).withinPrevious(ms(0)),
      'DURATION_INVALID',
      /withinPrevious.*at least 1/,
    ],
    'withinPrevious longer than the window': [
      () => compile(a().next('b', is('b')).withinPrevious(ms(11)).within(ms(10))),
      'PATTERN_INVALID',
      /never be reached within the 10 ms/,
    ],
    'a gap longer than the window': [
      () =>
        compile(
          a()
            .times(2, { gap: ms(11) })
            .within(ms(10)),
        ),
      'PATTERN_INVALID',
      /never be reached within the 10 ms/,
    ],
    'withinPrevious on a NOT in the middle': [
      () => compile(a().notFollowedBy('n', is('n')).withinPrevious(ms(1)).next('b', is('b'))),
      'PATTERN_INVALID',
      /ends with the step after it/,
    ],
    'withinPrevious on a NOT at the end, after a loop that may go on': [
      () => compile(a().oneOrMore().notFollowedBy('n', is('n')).withinPrevious(ms(1))),
      'PATTERN_INVALID',
      /may go on while withinPrevious waits/,
    ],
    'a gap of no length': [() => a().oneOrMore({ gap: ms(0) }), 'DURATION_INVALID', /gap.*at least 1/],
    'an unknown option of a loop': [() => a().times(2, bad({ gaps: 1 })), 'OPTION_UNKNOWN', /"gaps"/],
    'an unknown reading of gaps': [
      () => a().oneOrMore({ gap: ms(1), gapReading: bad('esper') }),
      'OPTION_INVALID',
      /'every' or 'flink'/,
    ],
    'a reading of gaps without a gap': [
      () => a().times(2, { gapReading: 'flink' }),
      'PATTERN_INVALID',
      /gapReading says what a gap limits.*Give gap/,
    ],
    'the default reading of gaps without a gap': [
      () => a().oneOrMore({ gapReading: 'every' }),
      'PATTERN_INVALID',
      /Give gap.*or leave gapReading out/,
    ],
    'an unknown option of a step': [
      () => arrival().begin('a', is('a'), bad<{ measure: () => number }>({ sum: 1 })),
      'OPTION_UNKNOWN',
      /"sum"/,
    ],
    'a measure that is no function': [
      () => arrival().begin('a', is('a'), bad<{ measure: () => number }>({ measure: 'amount' })),
      'OPTION_INVALID',
      /returns a number/,
    ],
    'ties that are no function': [
      () => pattern().order('event-time', bad({ grace: ms(1), ties: 'a' })),
      'OPTION_INVALID',
      /function of two events/,
    ],
    'an unknown way to miss a skip target': [
      () => a().skip({ toFirst: 'a', onMiss: bad('ignore') }),
      'OPTION_INVALID',
      /onMiss/,
    ],
    'a window of no length': [() => a().within(ms(0)), 'DURATION_INVALID', /within.*at least 1/],
    'a negative window': [() => a().within(minutes(-1)), 'DURATION_INVALID', /at least 1/],
    'an unknown skip strategy': [() => a().skip(bad('past')), 'OPTION_INVALID', /'past-last-event'/],
    'two skip targets': [() => a().skip(bad({ toFirst: 'a', toLast: 'a' })), 'OPTION_INVALID', /strategy/],
    'two skip strategies': [() => a().skip('to-next').skip('no-skip'), 'PATTERN_INVALID', /chosen already/],
    'a skip target that is no step': [
      () => compile(a().skip({ toFirst: bad('b') })),
      'PATTERN_INVALID',
      /no step called "b"/,
    ],
    'a skip target that is a NOT': [
      () =>
        compile(
          a()
            .notNext('n', is('n'))
            .skip({ toLast: bad('n') }),
        ),
      'PATTERN_INVALID',
      /no event to skip to/,
    ],
    'nothing required': [() => compile(a().optional()), 'PATTERN_INVALID', /Every step is optional/],
    'notFollowedBy last without a window': [
      () => compile(a().notFollowedBy('n', is('n'))),
      'PATTERN_INVALID',
      /how long to wait/,
    ],
    'a NOT with only optional steps after it': [
      () => compile(a().notNext('n', is('n')).next('b', is('b')).optional()),
      'PATTERN_INVALID',
      /After this NOT/,
    ],
  }
  it.each(Object.entries(rows))('%s', (_, [declare, code, says]) => {
    const error = caught(declare)
    expect(error).toBeInstanceOf(MillraceError)
    expect({ code: (error as MillraceError).code, message: (error as MillraceError).message }).toEqual({
      code,
      message: expect.stringMatching(says),
    })
  })
})

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

it('returns a new pattern from every call', () => {
  const begun = a()
  const loop = begun.oneOrMore()
  expect(begun.spec.parts[0]!.loop).toBe(false)
  expect(loop.spec.parts[0]!.loop).toBe(true)
  expect(Object.isFrozen(loop)).toBe(true)
})

it('names in its signature all that stored partial matches depend on', () => {
  const built = pattern<Named>().order('event-time', { grace: seconds(10) })
  const base = built
    .begin('a', () => true)
    .atLeast(2)
    .followedBy('b', () => true)
    .within(minutes(5))
    .skip('to-next')
  expect(compile(base).signature).toBe(
    'pattern(event-time(10000);begin "a"{2,};followedBy "b";within(300000);skip(to-next);line)',
  )
  const other = arrival()
    .begin('a', is('a'))
    .oneOrMore()
    .greedy()
    .until(is('x'))
    .notNext('n', is('n'))
    .followedByAny('b', is('b'))
    .times(1, 3)
    .consecutive()
    .skip({ toLast: 'a' })
  expect(compile(other).signature).toBe(
    'pattern(arrival;begin "a"{1,}+ until;notNext "n";followedByAny "b"{1,3}strict;unbounded;skip(to-last "a");tree)',
  )
})

it('keeps a pattern apart whose conditions look at the events so far', () => {
  const alone = arrival().begin('a', is('a')).followedBy('b', is('b'))
  const iterative = arrival()
    .begin('a', is('a'))
    .followedBy('b', (event, soFar) => soFar.step('a').length > 0 && is('b')(event))
  expect(compile(alone).signature).not.toBe(compile(iterative).signature)
})
