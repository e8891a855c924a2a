import { ms } from '../../../shared/time.ts'
import { arrival, is } from './examples.ts'
import { describeRows, type Row } from './rows.ts'

const c = () => arrival().begin('c', is('c'))
/** c, then rounds of a and b. */
const rounds = () => c().followedBy((group) => group.begin('a', is('a')).followedBy('b', is('b')))
const d = is('d')

const tables: Record<string, readonly Row[]> = {
  'groups of steps': [
    {
      rule: 'are gone through as one',
      pattern: rounds().followedBy('d', d),
      events: 'c b1 a1 x b2 d',
      matches: ['c a1 b2 d'],
    },
    {
      rule: "the group's contiguity is that of its first event: next",
      pattern: c()
        .next((group) => group.begin('a', is('a')).followedBy('b', is('b')))
        .followedBy('d', d),
      events: 'c1 x a1 b1 d1 c2 a2 x b2 d2',
      matches: ['c2 a2 b2 d2'],
    },
    {
      rule: "the group's contiguity is that of its first event: followedByAny",
      pattern: c().followedByAny((group) => group.begin('a', is('a')).next('b', is('b'))),
      events: 'c a1 b1 a2 b2',
      matches: ['c a1 b1', 'c a2 b2'],
    },
    {
      rule: 'times(n): so many rounds',
      pattern: rounds().times(2).followedBy('d', d),
      events: 'c a1 b1 x a2 b2 d',
      matches: ['c a1 b1 a2 b2 d'],
    },
    {
      rule: 'times(n): fewer rounds are no match',
      pattern: rounds().times(2).followedBy('d', d),
      events: 'c a1 b1 a2 d',
      matches: [],
    },
    {
      rule: 'a greedy loop at their end that may be absent: what it could take is left to it, and no NOT behind them looks',
      pattern: arrival()
        .begin((group) => group.begin('c', is('c')).next('a', is('a')).oneOrMore().greedy().optional())
        .notNext('n', is('a'))
        .within(ms(10)),
      events: 'c a1 a2 b',
      matches: ['c a1 a2'],
    },
    {
      rule: 'oneOrMore: after each round the group may end or go on',
      pattern: rounds().oneOrMore().followedBy('d', d),
      events: 'c a1 b1 a2 b2 d',
      matches: ['c a1 b1 a2 b2 d', 'c a1 b1 d'],
    },
    {
      rule: 'a loop at the begin: every first event opens a partial match, each length goes out at once',
      pattern: arrival()
        .begin((group) => group.begin('a', is('a')).followedBy('b', is('b')))
        .atLeast(2),
      events: 'a1 b1 a2 b2 a3 b3',
      matches: ['a1 b1 a2 b2', 'a1 b1 a2 b2 a3 b3', 'a2 b2 a3 b3'],
    },
    {
      rule: 'consecutive: no event between two rounds',
      pattern: rounds().oneOrMore().consecutive().followedBy('d', d),
      events: 'c a1 b1 a2 x b2 x a3 b3 d',
      matches: ['c a1 b1 a2 b2 d', 'c a1 b1 d'],
    },
    {
      rule: 'allowCombinations: what could begin a round may be passed over',
      pattern: rounds().oneOrMore().allowCombinations().followedBy('d', d),
      events: 'c a1 b1 a2 a3 b2 d',
      matches: ['c a1 b1 a2 b2 d', 'c a1 b1 a3 b2 d', 'c a1 b1 d'],
    },
    {
      rule: 'optional: with and without',
      pattern: rounds().optional().followedBy('d', d),
      events: 'c a b d',
      matches: ['c a b d', 'c d'],
    },
    {
      rule: 'optional: each way once, whatever lies between',
      pattern: rounds().optional().followedBy('d', d),
      events: 'c x x a x b d',
      matches: ['c a b d', 'c d'],
    },
    {
      rule: 'times(0, n): an optional times(1, n)',
      pattern: rounds().times(0, 1).followedBy('d', d),
      events: 'c a b d',
      matches: ['c a b d', 'c d'],
    },
    {
      rule: 'until: ends the rounds',
      pattern: rounds().oneOrMore().until(is('x')).followedBy('d', d),
      events: 'c a1 b1 x a2 b2 d',
      matches: ['c a1 b1 d'],
    },
    {
      rule: 'until: within a round too',
      pattern: rounds().oneOrMore().until(is('x')).followedBy('d', d),
      events: 'c a1 b1 a2 x b2 d',
      matches: ['c a1 b1 d'],
    },
    {
      rule: 'until: while the group is waited for',
      pattern: rounds().oneOrMore().until(is('x')).followedBy('d', d),
      events: 'c x a1 b1 d',
      matches: [],
    },
    {
      rule: 'until: the next step may take the event',
      pattern: rounds().oneOrMore().until(d).followedBy('d', d),
      events: 'c a1 b1 d',
      matches: ['c a1 b1 d'],
    },
    {
      rule: 'loops of steps within them',
      pattern: c()
        .followedBy((group) => group.begin('a', is('a')).oneOrMore().followedBy('b', is('b')))
        .times(2)
        .skip('to-next'),
      events: 'c a1 a2 b1 a3 b2',
      matches: ['c a1 a2 b1 a3 b2'],
    },
    {
      rule: 'groups within them',
      pattern: arrival()
        .begin((outer) =>
          outer
            .begin('a', is('a'))
            .followedBy((inner) => inner.begin('b', is('b')).followedBy('c', is('c')))
            .times(2),
        )
        .times(2),
      events: 'a1 b1 c1 b2 c2 a2 b3 c3 b4 c4',
      matches: ['a1 b1 c1 b2 c2 a2 b3 c3 b4 c4'],
    },
    {
      rule: 'a NOT before an optional one is lifted once it has taken an event',
      pattern: c()
        .notFollowedBy('n', is('n'))
        .followedBy((group) => group.begin('a', is('a')).followedBy('b', is('b')))
        .optional()
        .followedBy('d', d),
      events: 'c1 n a1 b1 d1 c2 a2 n b2 d2',
      matches: ['c2 a2 b2 d2'],
    },
    {
      rule: 'a NOT after a looping one is in force while no round is under way',
      pattern: rounds().oneOrMore().notFollowedBy('n', is('n')).followedBy('d', d),
      events: 'c1 a1 n b1 d1 c2 a2 b2 n d2 c3 a3 b3 a4 n b4 d3',
      matches: ['c1 a1 b1 d1', 'c3 a3 b3 a4 b4 d3'],
    },
    {
      rule: 'right after an event all ways on are still one: a NOT behind the group ends all',
      pattern: arrival()
        .begin((group) => group.begin('b', is('b')).times(1, 2))
        .notFollowedBy('n', is('b'))
        .within(ms(10)),
      events: 'b1@0 b2@1',
      untilMs: 2_000,
      matches: ['b2'],
    },
    {
      rule: 'later they are apart: the round under way goes on',
      pattern: arrival()
        .begin((group) => group.begin('b', is('b')).times(1, 2))
        .notFollowedBy('n', is('b'))
        .within(ms(10)),
      events: 'b1@0 x@1 b2@2',
      untilMs: 2_000,
      matches: ['b1 b2', 'b2'],
    },
    {
      rule: 'conditions in them see what came before the group, and earlier rounds',
      pattern: c()
        .followedBy((group) =>
          group.begin('a', (event, soFar) => is('a')(event) && soFar.count('a') < 2 && soFar.first('c') !== undefined),
        )
        .oneOrMore()
        .followedBy('d', d)
        .skip('to-next'),
      events: 'c a1 a2 a3 d',
      matches: ['c a1 a2 d'],
    },
    {
      rule: 'the window is that of the whole match',
      pattern: rounds().times(2).within(ms(10)),
      events: 'c1@0 a1@1 b1@2 a2@3 b2@10 c2@20 a3@21 b3@22 a4@23 b4@29',
      matches: ['c2 a3 b3 a4 b4'],
    },
  ],
}

describeRows(tables)
