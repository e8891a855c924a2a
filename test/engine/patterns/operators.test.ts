import { expect, it } from 'vitest'
import { minutes } from '../../../shared/time.ts'
import { arrival, is, written } from './examples.ts'
import { describeRows } from './rows.ts'

const a = () => arrival().begin('a', is('a'))
const small = () => arrival().begin('small', is('s')).atLeast(3)

describeRows({
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
})

it('reads events as they are written in these tables', () => {
  expect(written('a b@5 c')).toEqual([
    { value: { name: 'a' }, timeMs: 1_000 },
    { value: { name: 'b' }, timeMs: 1_005 },
    { value: { name: 'c' }, timeMs: 1_006 },
  ])
})
