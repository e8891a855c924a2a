import { expect, it } from 'vitest'
import type { Pattern } from '../../../shared/engine/patterns/pattern.ts'
import { ms } from '../../../shared/time.ts'
import { arrival, is, type Named, playNamed } from './examples.ts'
import { describeRows } from './rows.ts'

const a = () => arrival().begin('a', is('a'))

describeRows({
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
})

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
