import { expect, it } from 'vitest'
import type { Pattern } from '../../../shared/engine/patterns/pattern.ts'
import { minutes, ms } from '../../../shared/time.ts'
import { arrival, is, type Named, playNamed, written } from './examples.ts'
import { describeRows, type Row } from './rows.ts'

const a = () => arrival().begin('a', is('a'))
const small = () => arrival().begin('small', is('s')).atLeast(3)

const tables: Record<string, readonly Row[]> = {
  'small-then-large: three or more small, then a large one, within five minutes': [
    {
      rule: 'no skip: 3',
      pattern: small().followedBy('large', is('L')).within(minutes(5)),
      events: 's1 s2 s3 s4 L',
      matches: ['s1 s2 s3 s4 L', 's1 s2 s3 L', 's2 s3 s4 L'],
    },
    {
      rule: 'no skip and greedy: 2',
      pattern: small().greedy().followedBy('large', is('L')).within(minutes(5)),
      events: 's1 s2 s3 s4 L',
      matches: ['s1 s2 s3 s4 L', 's2 s3 s4 L'],
    },
    {
      rule: 'to next: 2',
      pattern: small().followedBy('large', is('L')).within(minutes(5)).skip('to-next'),
      events: 's1 s2 s3 s4 L',
      matches: ['s1 s2 s3 s4 L', 's2 s3 s4 L'],
    },
    {
      rule: 'past last event: 1',
      pattern: small().followedBy('large', is('L')).within(minutes(5)).skip('past-last-event'),
      events: 's1 s2 s3 s4 L',
      matches: ['s1 s2 s3 s4 L'],
    },
  ],
  contiguity: [
    {
      rule: 'next: an event that does not fit ends the partial match',
      pattern: a().next('b', is('b')),
      events: 'a1 x b1 a2 b2',
      matches: ['a2 b2'],
    },
    {
      rule: 'followedBy: passes what does not fit, takes the first that does, and does not branch',
      pattern: a().followedBy('b', is('b')),
      events: 'a1 x b1 b2',
      matches: ['a1 b1'],
    },
    {
      rule: 'followedByAny: a branch for each event that fits',
      pattern: a().followedByAny('b', is('b')),
      events: 'a1 x b1 b2',
      matches: ['a1 b1', 'a1 b2'],
    },
    {
      rule: 'begin: every event that fits opens a partial match',
      pattern: a().followedBy('b', is('b')),
      events: 'a1 a2 b1',
      matches: ['a1 b1', 'a2 b1'],
    },
    {
      rule: 'an event can be taken by one step of one match and by another of another',
      pattern: arrival().begin('first', is('a')).next('second', is('a')),
      events: 'a1 a2 a3',
      matches: ['a1 a2', 'a2 a3'],
    },
    {
      rule: 'equal events are different events',
      pattern: a().followedBy('b', is('b')),
      events: 'a a b',
      matches: ['a b', 'a b'],
    },
  ],
  loops: [
    {
      rule: 'times(n): exactly n, passing what does not fit',
      pattern: a().times(2).followedBy('b', is('b')),
      events: 'a1 x a2 a3 b',
      matches: ['a1 a2 b', 'a2 a3 b'],
    },
    {
      rule: 'times(from, to)',
      pattern: a().times(1, 2).followedBy('b', is('b')),
      events: 'a1 a2 a3 b',
      matches: ['a1 a2 b', 'a1 b', 'a2 a3 b', 'a2 b', 'a3 b'],
    },
    {
      rule: 'oneOrMore at the end: each length goes out at once',
      pattern: arrival().begin('c', is('c')).followedBy('a', is('a')).oneOrMore(),
      events: 'c a1 a2',
      matches: ['c a1', 'c a1 a2'],
    },
    {
      rule: "the step's contiguity is for the first event of its loop only",
      pattern: arrival().begin('c', is('c')).next('a', is('a')).times(2),
      events: 'c a1 x a2',
      matches: ['c a1 a2'],
    },
    {
      rule: 'the loop goes on after the step behind it has taken an event',
      pattern: a().oneOrMore().followedBy('b', is('b')).skip('no-skip'),
      events: 'a1 b1 a2 b2',
      matches: ['a1 b1', 'a1 a2 b2', 'a2 b2'],
    },
    {
      rule: 'an event that fits loop and next step branches',
      pattern: a().oneOrMore().followedBy('b', is('ab')),
      events: 'a1 a2 b',
      matches: ['a1 a2', 'a1 a2 b', 'a2 b'],
    },
    {
      rule: 'consecutive',
      pattern: arrival()
        .begin('c', is('c'))
        .followedBy('a', is('a'))
        .oneOrMore()
        .consecutive()
        .followedBy('b', is('b')),
      events: 'c d a1 a2 a3 d a4 b',
      matches: ['c a1 a2 a3 b', 'c a1 a2 b', 'c a1 b'],
    },
    {
      rule: 'allowCombinations',
      pattern: arrival()
        .begin('c', is('c'))
        .followedBy('a', is('a'))
        .oneOrMore()
        .allowCombinations()
        .followedBy('b', is('b')),
      events: 'c d a1 a2 d a3 b',
      matches: ['c a1 a2 a3 b', 'c a1 a2 b', 'c a1 a3 b', 'c a1 b'],
    },
    {
      rule: 'greedy: the longest loop of each start',
      pattern: a().oneOrMore().greedy().followedBy('b', is('b')),
      events: 'a1 x a2 b',
      matches: ['a1 a2 b', 'a2 b'],
    },
    {
      rule: 'greedy: an event that fits loop and next step is left to the loop',
      pattern: a().oneOrMore().greedy().followedBy('b', is('ab')),
      events: 'a1 a2 b',
      matches: ['a1 a2 b', 'a2 b'],
    },
    {
      rule: 'greedy at the end does not hold back shorter matches',
      pattern: arrival().begin('c', is('c')).followedBy('a', is('a')).times(1, 2).greedy(),
      events: 'c a1 a2',
      matches: ['c a1', 'c a1 a2'],
    },
  ],
  until: [
    {
      rule: 'ends the loop: what comes after is not taken',
      pattern: a().oneOrMore().until(is('x')).followedBy('b', is('b')),
      events: 'a1 x a2 b',
      matches: ['a1 b', 'a2 b'],
    },
    {
      rule: 'the stopping event may be taken by the next step',
      pattern: a().oneOrMore().until(is('b')).followedBy('b', is('b')),
      events: 'a1 a2 b',
      matches: ['a1 a2 b', 'a1 b', 'a2 b'],
    },
    {
      rule: 'the stopping event may be taken by the next step of a greedy loop that it fits as well',
      pattern: arrival().begin('a', is('ab')).oneOrMore().greedy().until(is('b')).followedBy('b', is('b')),
      events: 'a1 x a2 b',
      matches: ['a1 a2 b', 'a2 b'],
    },
    {
      rule: 'an event that fits the loop and its until does not begin it',
      pattern: a().oneOrMore().until(is('a')).followedBy('b', is('b')),
      events: 'a1 b',
      matches: [],
    },
  ],
  'until, greedy': [
    {
      rule: 'an event that ends the loop is looked at once',
      pattern: a().oneOrMore().greedy().until(is('b')).followedBy('b', is('b')),
      events: 'a1 b',
      matches: ['a1 b'],
    },
  ],
  optional: [
    {
      rule: 'in the middle: with and without',
      pattern: a().followedBy('b', is('b')).optional().followedBy('c', is('c')),
      events: 'a b c',
      matches: ['a b c', 'a c'],
    },
    {
      rule: 'at the end: the shorter match at once, the longer one later',
      pattern: a().followedBy('b', is('b')).optional(),
      events: 'a1 b1',
      matches: ['a1', 'a1 b1'],
    },
    {
      rule: 'an empty optional loop at the start: the end event alone, once',
      pattern: a().oneOrMore().optional().followedBy('b', is('b')),
      events: 'b1 a1 b2',
      matches: ['b1', 'a1 b2', 'b2'],
    },
    {
      rule: 'times(0, n) is an optional times(1, n)',
      pattern: a().times(0, 1).followedBy('b', is('b')),
      events: 'a b',
      matches: ['a b', 'b'],
    },
    {
      rule: 'two optional steps in a row',
      pattern: a().followedBy('b', is('b')).optional().next('c', is('c')).optional().next('d', is('d')),
      events: 'a1 d1',
      matches: ['a1 d1'],
    },
  ],
  absence: [
    {
      rule: 'notNext: the very next event must not fit',
      pattern: a().notNext('n', is('n')).followedBy('b', is('b')),
      events: 'a1 n b1 a2 x n b2',
      matches: ['a2 b2'],
    },
    {
      rule: 'notNext: another event may come before the next step',
      pattern: a().notNext('n', is('n')).followedBy('b', is('b')),
      events: 'a1 x n b1',
      matches: ['a1 b1'],
    },
    {
      rule: 'notNext at the end: goes out with the next event, if that does not fit',
      pattern: a().notNext('n', is('n')),
      events: 'a1 n a2 x a3',
      matches: ['a2'],
    },
    {
      rule: 'notFollowedBy: ends the partial match on sight',
      pattern: a().notFollowedBy('n', is('n')).followedBy('b', is('b')),
      events: 'a1 n a2 b',
      matches: ['a2 b'],
    },
    {
      rule: 'notFollowedBy after a loop: from its first event on',
      pattern: a().oneOrMore().notFollowedBy('n', is('n')).followedBy('b', is('b')),
      events: 'a1 x n a2 b',
      matches: ['a2 b'],
    },
    {
      rule: 'the event that completes the match may fit',
      pattern: a().notFollowedBy('n', is('nb')).followedBy('b', is('b')),
      events: 'a b',
      matches: ['a b'],
    },
    {
      rule: 'the event that completes the match may fit, after a loop too',
      pattern: a().oneOrMore().notFollowedBy('n', is('nb')).followedBy('b', is('b')),
      events: 'a1 a2 b',
      matches: ['a1 a2 b', 'a1 b', 'a2 b'],
    },
    {
      rule: 'in force while an optional step after it is absent',
      pattern: a().notFollowedBy('n', is('n')).followedBy('o', is('o')).optional().followedBy('b', is('b')),
      events: 'a n b',
      matches: [],
    },
    {
      rule: 'lifted once that step has taken an event',
      pattern: a().notFollowedBy('n', is('n')).followedBy('o', is('o')).optional().followedBy('b', is('b')),
      events: 'a o n b',
      matches: ['a o b'],
    },
    {
      rule: 'two of them',
      pattern: a().notFollowedBy('n', is('n')).notFollowedBy('m', is('m')).followedBy('b', is('b')),
      events: 'a1 n a2 m a3 b',
      matches: ['a3 b'],
    },
    {
      rule: 'at the end: when the window ends',
      pattern: a().notFollowedBy('n', is('n')).within(ms(10)),
      events: 'a1@0 a2@3 x@9 n@11',
      matches: ['a1'],
    },
    {
      rule: 'at the end: without any further event',
      pattern: a().notFollowedBy('n', is('n')).within(ms(10)),
      events: 'a1@0',
      untilMs: 1_010,
      matches: ['a1'],
    },
    {
      rule: 'at the end: not before the window ends',
      pattern: a().notFollowedBy('n', is('n')).within(ms(10)),
      events: 'a1@0',
      untilMs: 1_009,
      matches: [],
    },
    {
      rule: 'at the end, after a loop, in silence',
      pattern: a().oneOrMore().notFollowedBy('n', is('n')).within(ms(10)),
      events: 'a1@0 a2@1',
      untilMs: 2_000,
      matches: ['a1 a2', 'a1', 'a2'],
    },
    {
      rule: 'at the end, all of several',
      pattern: a().notFollowedBy('n', is('n')).notFollowedBy('m', is('m')).within(ms(10)),
      events: 'a1@0 n@1 a2@2 m@3 a3@4',
      untilMs: 2_000,
      matches: ['a3'],
    },
    {
      rule: 'at the end, after a greedy loop: what the loop could take is left to it',
      pattern: arrival().begin('c', is('c')).times(1, 2).greedy().notFollowedBy('n', is('n')).within(ms(10)),
      events: 'c1@0 c2@1',
      untilMs: 2_000,
      matches: ['c1 c2', 'c2'],
    },
    {
      rule: 'notNext, then notFollowedBy, at the end',
      pattern: a().notNext('n', is('n')).notFollowedBy('m', is('m')).within(ms(10)),
      events: 'a1@0 n@1 a2@2 x@3 m@4 a3@5 x@6',
      untilMs: 2_000,
      matches: ['a3'],
    },
  ],
  window: [
    {
      rule: 'an event one ms before its end is inside',
      pattern: a().followedBy('b', is('b')).within(ms(10)),
      events: 'a@0 b@9',
      matches: ['a b'],
    },
    {
      rule: 'an event at its end is outside',
      pattern: a().followedBy('b', is('b')).within(ms(10)),
      events: 'a@0 b@10',
      matches: [],
    },
    {
      rule: 'it starts at the first event taken, also where a step before it is absent',
      pattern: a().optional().followedBy('b', is('b')).followedBy('c', is('c')).within(ms(10)),
      events: 'x@0 b@5 c@14',
      matches: ['b c'],
    },
    {
      rule: 'the shortest of several holds',
      pattern: a().within(ms(10)).followedBy('b', is('b')).within(ms(20)),
      events: 'a@0 b@10',
      matches: [],
    },
    {
      rule: 'each start of a loop has its own',
      pattern: a().atLeast(2).followedBy('b', is('b')).within(ms(10)),
      events: 'a1@0 a2@5 a3@6 b@12',
      matches: ['a2 a3 b'],
    },
  ],
  skip: [
    {
      rule: 'past last event: a match may not start inside another',
      pattern: a().times(2).skip('past-last-event'),
      events: 'a1 a2 a3 a4 a5',
      matches: ['a1 a2', 'a3 a4'],
    },
    {
      rule: 'to next: one match per start',
      pattern: a().followedByAny('b', is('b')).skip('to-next'),
      events: 'a1 a2 b1 b2',
      matches: ['a1 b1', 'a2 b1'],
    },
    {
      rule: 'to the first event of a step',
      pattern: a().followedBy('b', is('b')).followedBy('c', is('c')).skip({ toFirst: 'b' }),
      events: 'a1 a2 b c',
      matches: ['a1 b c'],
    },
    {
      rule: 'to the last event of a step: a match may start there',
      pattern: a().oneOrMore().followedBy('b', is('b')).skip({ toLast: 'a' }),
      events: 'a1 a2 a3 b',
      matches: ['a1 a2 a3 b', 'a3 b'],
    },
    {
      rule: 'to a step that is absent: discards nothing (and the second waits for the window of the first)',
      pattern: a().followedBy('o', is('o')).optional().followedBy('b', is('b')).within(ms(10)).skip({ toFirst: 'o' }),
      events: 'a1 a2 b',
      untilMs: 2_000,
      matches: ['a1 b', 'a2 b'],
    },
    {
      rule: 'a match waits while an earlier start is alive',
      pattern: a()
        .followedBy('b', is('b'))
        .followedBy('c', is('c'))
        .optional()
        .followedBy('d', is('d'))
        .skip('past-last-event'),
      events: 'a1 b1 d1',
      matches: ['a1 b1 d1'],
    },
    {
      rule: 'and goes out when the earlier start is out of its window',
      pattern: arrival()
        .begin('x', is('ab'))
        .next('y', is('bc'))
        .followedBy('z', (event, soFar) => event.name[1] === soFar.values('x')[0]?.name[1])
        .within(ms(10))
        .skip('to-next'),
      events: 'a1@0 b2@1 c@2 x2@3 x@9 x@10',
      matches: ['b2 c x2'],
    },
  ],
  conditions: [
    {
      rule: 'where: and',
      pattern: arrival()
        .begin('a', is('ab'))
        .where(({ name }) => name.endsWith('1')),
      events: 'a1 b2 b1',
      matches: ['a1', 'b1'],
    },
    {
      rule: 'where and or, left to right: (x and y) or z',
      pattern: arrival()
        .begin('a', is('ab'))
        .where(({ name }) => name.endsWith('1'))
        .or(is('c')),
      events: 'a1 b2 c2',
      matches: ['a1', 'c2'],
    },
    {
      rule: 'or, then where: (x or y) and z',
      pattern: arrival()
        .begin('a', is('a'))
        .or(is('c'))
        .where(({ name }) => name.endsWith('1')),
      events: 'a1 a2 c2 c1',
      matches: ['a1', 'c1'],
    },
    {
      rule: 'where that looks at the events so far',
      pattern: a()
        .followedBy('same', is('b'))
        .where(({ name }, soFar) => name[1] === soFar.first('a')?.value.name[1]),
      events: 'a1 a2 b2 b1',
      matches: ['a2 b2', 'a1 b1'],
    },
  ],
  iterative: [
    {
      rule: 'a condition sees what this partial match has taken, without the event at hand',
      pattern: arrival()
        .begin('a', (event, soFar) => is('a')(event) && soFar.step('a').length < 2)
        .oneOrMore()
        .followedBy('b', is('b')),
      events: 'a1 a2 a3 b',
      matches: ['a1 a2 b', 'a1 b', 'a2 a3 b', 'a2 b', 'a3 b'],
    },
    {
      rule: 'each partial match for itself',
      pattern: a().followedBy('same', (event, soFar) => event.name[1] === soFar.values('a')[0]?.name[1]),
      events: 'a1 a2 b2 b1',
      matches: ['a2 b2', 'a1 b1'],
    },
  ],
}

describeRows(tables)

it.each([
  {
    rule: 'the step is absent: as if the record had not come',
    built: a().followedBy('o', is('o')).optional().followedBy('b', is('b')).skip({ toFirst: 'o', onMiss: 'error' }),
    events: 'a1 b1 a2 o b2',
    missed: 1,
    matches: ['a1 o b2'],
  },
  {
    rule: 'the target is the first event of the match: the search would not move on',
    built: a().followedBy('b', is('b')).skip({ toFirst: 'a', onMiss: 'error' }),
    events: 'a1 b1',
    missed: 1,
    matches: [],
  },
  {
    rule: 'the target is a later event: no error',
    built: a().times(2).followedBy('b', is('b')).skip({ toLast: 'a', onMiss: 'error' }),
    events: 'a1 a2 b1',
    missed: 0,
    matches: ['a1 a2 b1'],
  },
])('parks the record that completes a match with nothing to skip to: $rule', ({ built, events, missed, matches }) => {
  const { parked, results } = playNamed(built as unknown as Pattern<Named, unknown, string>, events)
  expect(parked).toEqual(Array(missed).fill('SKIP_MISSED'))
  expect(results.map((result) => result.value)).toEqual(matches)
})

it('reads events as they are written in these tables', () => {
  expect(written('a b@5 c')).toEqual([
    { value: { name: 'a' }, timeMs: 1_000 },
    { value: { name: 'b' }, timeMs: 1_005 },
    { value: { name: 'c' }, timeMs: 1_006 },
  ])
})
