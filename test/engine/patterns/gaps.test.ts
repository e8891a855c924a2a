import { ms } from '../../../shared/time.ts'
import { arrival, is } from './examples.ts'
import { describeRows, type Row } from './rows.ts'

const a = () => arrival().begin('a', is('a'))
const c = () => arrival().begin('c', is('c'))
const gap = ms(5)
const flink = { gap, gapReading: 'flink' } as const

const tables: Record<string, readonly Row[]> = {
  'withinPrevious: the time since the event taken before': [
    {
      rule: 'one ms less is inside, the whole gap is outside',
      pattern: a().followedBy('b', is('b')).withinPrevious(gap),
      events: 'a1@0 b1@4 a2@10 b2@15',
      matches: ['a1 b1'],
    },
    {
      rule: 'is counted from the last event taken, not from one that was passed over',
      pattern: a().followedBy('b', is('b')).withinPrevious(gap),
      events: 'a@0 x@3 b@6',
      matches: [],
    },
    {
      rule: 'limits the step that it is given to',
      pattern: a().followedBy('b', is('b')).followedBy('c', is('c')).withinPrevious(gap),
      events: 'a@0 b@100 c@104',
      matches: ['a b c'],
    },
    {
      rule: 'of a loop: its first event',
      pattern: c().followedBy('a', is('a')).times(2).withinPrevious(gap),
      events: 'c1@0 a1@4 a2@50 c2@100 a3@105 a4@106',
      matches: ['c1 a1 a2'],
    },
    {
      rule: 'of an optional step: that way on is closed, the other stays open',
      pattern: a().followedBy('b', is('b')).withinPrevious(gap).optional().followedBy('c', is('c')),
      events: 'a1@0 b1@4 c1@20 a2@30 b2@35 c2@40',
      matches: ['a1 b1 c1', 'a1 c1', 'a2 c2'],
    },
    {
      rule: 'of a group: its first event',
      pattern: c()
        .followedBy((group) => group.begin('a', is('a')).followedBy('b', is('b')))
        .withinPrevious(gap),
      events: 'c1@0 a1@4 b1@50 c2@100 a2@105 b2@106',
      matches: ['c1 a1 b1'],
    },
    {
      rule: 'with a window: the shorter of the two ends the partial match',
      pattern: a().followedBy('b', is('b')).withinPrevious(ms(8)).followedBy('c', is('c')).within(ms(10)),
      events: 'a1@0 b1@7 c1@9 a2@20 b2@27 c2@30',
      matches: ['a1 b1 c1'],
    },
    {
      rule: 'of notFollowedBy at the end: complete once so much time has gone by',
      pattern: a().notFollowedBy('n', is('n')).withinPrevious(ms(10)),
      events: 'a1@0 n@9 a2@20 n@30',
      matches: ['a2'],
    },
    {
      rule: 'of notFollowedBy at the end: in silence',
      pattern: a().followedBy('b', is('b')).notFollowedBy('n', is('n')).withinPrevious(ms(10)).within(ms(100)),
      events: 'a@0 b@50',
      untilMs: 1_060,
      matches: ['a b'],
    },
    {
      rule: 'of notFollowedBy at the end: not before',
      pattern: a().followedBy('b', is('b')).notFollowedBy('n', is('n')).withinPrevious(ms(10)).within(ms(100)),
      events: 'a@0 b@50',
      untilMs: 1_059,
      matches: [],
    },
  ],
  'gap of a loop': [
    {
      rule: 'limits the way from each event to the next',
      pattern: a().times(3, { gap }),
      events: 'a1@0 a2@4 a3@8 x@20 a4@30 a5@34 a6@39',
      matches: ['a1 a2 a3'],
    },
    {
      rule: 'does not limit the way to the first',
      pattern: c().followedBy('a', is('a')).times(2, { gap }),
      events: 'c@0 a1@50 a2@54',
      matches: ['c a1 a2'],
    },
    {
      rule: 'of an open loop: what comes too late is left to later starts',
      pattern: a().oneOrMore({ gap }).followedBy('b', is('b')),
      events: 'a1@0 a2@4 a3@9 b@10',
      matches: ['a1 a2 b', 'a1 b', 'a2 b', 'a3 b'],
    },
    {
      rule: 'of a group: the first event of each further round',
      pattern: c()
        .followedBy((group) => group.begin('a', is('a')).followedBy('b', is('b')))
        .times(2, { gap }),
      events: 'c1@0 a1@10 b1@11 a2@15 b2@30 c2@100 a3@110 b3@111 a4@116 b4@117',
      matches: ['c1 a1 b1 a2 b2'],
    },
  ],
  "gap of a loop, in Flink's reading": [
    {
      rule: 'limits the way to the first event',
      pattern: c().followedBy('a', is('a')).times(2, flink),
      events: 'c1@0 a1@5 a2@6 c2@10 a3@14 a4@15',
      matches: ['c2 a3 a4'],
    },
    {
      rule: 'of times(3): limits the way from the first to the second',
      pattern: a().times(3, flink),
      events: 'a1@0 a2@5 a3@6',
      matches: [],
    },
    {
      rule: 'of times(3): does not limit the way to the last',
      pattern: a().times(3, flink),
      events: 'a1@0 a2@4 a3@90',
      matches: ['a1 a2 a3'],
    },
    {
      rule: 'of oneOrMore: limits only the way to the first',
      pattern: a().oneOrMore(flink).followedBy('b', is('b')),
      events: 'a1@0 a2@9 b@10',
      matches: ['a1 a2 b', 'a1 b', 'a2 b'],
    },
    {
      rule: 'of a round that may be left out: limits it where no event was passed over',
      pattern: a().times(1, 3, flink).followedBy('b', is('b')).skip('to-next'),
      events: 'a1@0 a2@6 b@7',
      matches: ['a1 b', 'a2 b'],
    },
    {
      rule: 'of a round that may be left out: forgets it once an event was passed over',
      pattern: a().times(1, 3, flink).followedBy('b', is('b')).skip('to-next'),
      events: 'a1@0 x@1 a2@6 b@7',
      matches: ['a1 a2 b', 'a2 b'],
    },
  ],
}

describeRows(tables)
