import { ms } from '../../../shared/time.ts'
import { arrival, is } from './examples.ts'
import { describeRows } from './rows.ts'

const a = () => arrival().begin('a', is('a'))

describeRows({
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
})
