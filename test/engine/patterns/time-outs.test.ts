import { describe, expect, it } from 'vitest'
import type { TimedOut } from '../../../shared/engine/patterns/match.ts'
import type { Pattern } from '../../../shared/engine/patterns/pattern.ts'
import { ms } from '../../../shared/time.ts'
import { arrival, is, type Named, namesOf, playNamed } from './examples.ts'
import type { PlayOptions } from './play.ts'

const a = () => arrival().begin('a', is('a'))
const ab = () => a().followedBy('b', is('b')).within(ms(10))
const loop = () => arrival().begin('s', is('s')).atLeast(3).followedBy('L', is('L')).within(ms(10))
/** Two rounds of a loop that takes all that the second could begin with: no event ever begins it. */
const greedyRounds = () =>
  arrival()
    .begin((round) => round.begin('a', is('a')).times(1, 2).greedy())
    .times(2, { gap: ms(5) })
    .consecutive()
/** The same, with partial matches that are kept one by one. */
const branching = () =>
  arrival()
    .begin('s', (event, soFar) => is('s')(event) && soFar !== undefined)
    .atLeast(3)
    .followedBy('L', is('L'))
    .within(ms(10))

function timeOuts<Steps>(built: Pattern<Named, Steps, string>, events: string, options: PlayOptions = {}): string[] {
  const played = playNamed(built, events, { timeOuts: true, untilMs: 5_000, ...options })
  expect(played.parked).toEqual([])
  return (played.timedOut as TimedOut<Record<string, Named>>[]).map(
    (each) => `${namesOf(each.events)} ${each.why}@${each.endMs - 1_000}`,
  )
}

describe('a time-out', () => {
  it.each([
    {
      rule: 'names the events taken so far, and when the window ended',
      built: ab(),
      events: 'a@0',
      ends: ['a within@10'],
    },
    { rule: 'comes for each first event', built: ab(), events: 'a1@0 a2@3', ends: ['a1 within@10', 'a2 within@13'] },
    { rule: 'does not come for a match', built: ab(), events: 'a@0 b@9', ends: [] },
    {
      rule: 'has the time of the end, not of the event that made it known',
      built: ab(),
      events: 'a@0 x@700',
      ends: ['a within@10'],
    },
    {
      rule: 'of a gap names the gap',
      built: a().followedBy('b', is('b')).withinPrevious(ms(5)),
      events: 'a@0',
      ends: ['a gap@5'],
    },
    {
      rule: 'of a gap counts from the last event taken',
      built: a().followedBy('b', is('b')).followedBy('c', is('c')).withinPrevious(ms(5)).within(ms(100)),
      events: 'a@0 b@40',
      ends: ['a b gap@45'],
    },
    {
      rule: 'comes when the last of the partial matches of a first event ends',
      built: a().followedBy('b', is('b')).withinPrevious(ms(5)).optional().followedBy('c', is('c')).within(ms(10)),
      events: 'a@0 x@1',
      ends: ['a within@10'],
    },
    {
      rule: 'of a gap that no event can end comes when it is over',
      built: greedyRounds(),
      events: 'a1@0 a2@1',
      ends: ['a1 a2 gap@6'],
    },
    {
      rule: 'does not come for what an event has ended before such a gap was over',
      built: greedyRounds(),
      events: 'a1@0 a2@1 x@1',
      ends: [],
    },
    {
      rule: 'of what only waited for an absence is a match instead',
      built: a().notFollowedBy('n', is('n')).within(ms(10)),
      events: 'a@0',
      ends: [],
    },
    {
      rule: 'does not come for what an event has ended',
      built: a().next('b', is('b')).within(ms(10)),
      events: 'a@0 x@1',
      ends: [],
    },
    {
      rule: 'does not come for what a match has discarded',
      built: ab().skip('past-last-event'),
      events: 'a1@0 a2@1 b@2',
      ends: [],
    },
  ])('$rule', ({ built, events, ends }) => {
    const pattern = built as unknown as Pattern<Named, unknown, string>
    expect(timeOuts(pattern, events)).toEqual(ends)
    expect(timeOuts(pattern, events, { reload: true })).toEqual(ends)
  })

  it.each([
    ['of a shared run', loop],
    ['of partial matches kept one by one', branching],
  ])('%s: the longest loop of each first event', (_, rule) => {
    expect(timeOuts(rule(), 's1@0 s2@1')).toEqual(['s1 s2 within@10', 's2 within@11'])
  })

  it('comes when stream time reaches the end, and not before', () => {
    expect(timeOuts(ab(), 'a@0', { untilMs: 1_009 })).toEqual([])
    expect(timeOuts(ab(), 'a@0', { untilMs: 1_010 })).toHaveLength(1)
  })

  it('names the first and the last 50 of more than 100 events', () => {
    const events = Array.from({ length: 150 }, (_, i) => `s${i}@${Math.floor(i / 20)}`).join(' ')
    const { timedOut } = playNamed(loop(), events, { timeOuts: true, untilMs: 5_000 })
    const [first] = timedOut as TimedOut<Record<string, Named>>[]
    expect(first).toMatchObject({ key: 'card', startMs: 1_000, endMs: 1_010, why: 'within', more: 50 })
    expect([0, 49, 50, 99].map((i) => first!.events[i]!.value.name)).toEqual(['s0', 's49', 's100', 's149'])
    expect(timedOut).toHaveLength(150)
  })

  it('leaves nothing behind', () => {
    expect(playNamed(loop(), 's1@0 s2@1 s3@2', { timeOuts: true, untilMs: 5_000 }).cells).toEqual([])
  })
})
