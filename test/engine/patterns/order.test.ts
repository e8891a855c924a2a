import { describe, expect, it } from 'vitest'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { ms } from '../../../shared/time.ts'
import { arrival, find, is, type Named, written } from './examples.ts'
import { Partition, play } from './play.ts'

const inEventTime = (grace: number) =>
  pattern<Named>()
    .order('event-time', { grace: ms(grace) })
    .begin('a', is('a'))
    .followedBy('b', is('b'))
const names = (match: { all(): readonly { value: Named }[] }) =>
  match
    .all()
    .map((event) => event.value.name)
    .join(' ')

describe('in event-time order', () => {
  it('looks at events by their time, whatever the order in which they come', () => {
    expect(find(inEventTime(10), 'b1@5 a1@3 b2@7', { untilMs: 2_000 })).toEqual(['a1 b1'])
  })

  it('looks at events of one time in the order in which they came', () => {
    expect(find(inEventTime(10), 'b1@5 a1@5 b2@5', { untilMs: 2_000 })).toEqual(['a1 b2'])
  })

  it.each([
    { untilMs: 1_015, matches: [], says: 'not while stream time is the grace ahead' },
    { untilMs: 1_016, matches: ['a1 b1'], says: 'as soon as it is further ahead' },
  ])('lets a match out $says', ({ untilMs, matches }) => {
    expect(find(inEventTime(10), 'a1@3 b1@5', { untilMs })).toEqual(matches)
  })

  it.each([
    { rule: 'an event exactly the grace behind is taken', at: 90, late: [], matches: ['a b'] },
    { rule: 'one further behind is late by the difference', at: 87, late: [3], matches: [] },
  ])('$rule', ({ at, late, matches }) => {
    const machine = patternMachine(inEventTime(10), names)
    const played = play(machine, written(`x@100 a@${at} b@101`), { untilMs: 2_000 })
    expect(played.late.map((each) => each.lateByMs)).toEqual(late)
    expect(played.results.map((result) => result.value)).toEqual(matches)
  })

  it.each([false, true])('looks at events of one time in the order that ties gives them (reload: %s)', (reload) => {
    const byName = (a: Named, b: Named) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
    const built = pattern<Named>()
      .order('event-time', { grace: ms(10), ties: byName })
      .begin('all', is('abc'))
      .times(5)
    expect(find(built, 'c1@5 b1@5 b2@4 a1@5 a1@6', { untilMs: 2_000, reload })).toEqual(['b2 a1 b1 c1 a1'])
  })

  it('keeps what ties finds equal in order of arrival', () => {
    const built = pattern<Named>()
      .order('event-time', { grace: ms(10), ties: () => 0 })
      .begin('all', is('abc'))
      .times(3)
    expect(find(built, 'c1@5 b1@5 a1@5', { untilMs: 2_000 })).toEqual(['c1 b1 a1'])
  })

  it('takes no more events of a key than may wait: one more is late by nothing', () => {
    const machine = patternMachine(inEventTime(10).bounds({ waitingEventsMax: 2 }), names)
    const played = play(machine, written('a1@1 b1@2 b2@0 b3@13 b4@14'), { untilMs: 2_000 })
    expect(played.late).toEqual([expect.objectContaining({ value: { name: 'b2' }, lateByMs: 0 })])
    expect(played.results.map((result) => result.value)).toEqual(['a1 b1'])
  })

  it('judges lateness of events that fit no step as well', () => {
    const played = play(patternMachine(inEventTime(10), names), written('x@100 x@80'))
    expect(played.late).toHaveLength(1)
  })

  it('keeps no event that fits no step, and keeps it where the next step is strict', () => {
    const strict = pattern<Named>()
      .order('event-time', { grace: ms(10) })
      .begin('a', is('a'))
      .next('b', is('b'))
    expect(play(patternMachine(inEventTime(10), names), written('x@1')).cells).toHaveLength(0)
    expect(play(patternMachine(strict, names), written('x@1')).cells).toHaveLength(1)
  })

  it('keeps several values of one record apart, in their order', () => {
    const machine = patternMachine(inEventTime(10), names)
    const twice = {
      ...machine,
      onRecord: (...[c, record]: Parameters<typeof machine.onRecord>) => {
        machine.onRecord(c, { ...record, value: { name: 'a1' } })
        machine.onRecord(c, { ...record, value: { name: 'b1' } })
      },
    }
    expect(
      play(twice, [{ value: { name: '' }, timeMs: 1_000 }], { untilMs: 2_000 }).results.map((each) => each.value),
    ).toEqual(['a1 b1'])
  })
})

describe('in arrival order', () => {
  const built = arrival().begin('a', is('a')).followedBy('b', is('b')).within(ms(10))

  it('takes events as they come, at once, and nothing is late', () => {
    const played = play(patternMachine(built, names), written('a@100 b@95'))
    expect(played.results).toEqual([{ value: 'a b', timeMs: 1_100 }])
    expect(played.late).toEqual([])
  })

  it('counts an event out of order as of the stream time at its arrival', () => {
    expect(find(built, 'x@100 a@50 x@109 b@60')).toEqual(['a b'])
    expect(find(built, 'x@100 a@50 x@110 b@60')).toEqual([])
  })

  it('names the own times of events, and the times that counted as bounds of the match', () => {
    const machine = patternMachine(built, ({ startMs, endMs, all }) => ({
      startMs,
      endMs,
      own: all().map((event) => event.timeMs),
    }))
    expect(play(machine, written('x@100 a@50 x@103 b@60')).results).toEqual([
      { value: { startMs: 1_100, endMs: 1_103, own: [1_050, 1_060] }, timeMs: 1_103 },
    ])
  })
})

it('keeps the events of each key apart', () => {
  const machine = patternMachine(arrival().begin('a', is('a')).followedBy('b', is('b')), (match) => [
    match.key,
    names(match),
  ])
  const events = written('a1 a2 b2 b1').map((event) => ({ ...event, key: event.value.name[1]! }))
  expect(play(machine, events).results.map((result) => result.value)).toEqual([
    ['2', 'a2 b2'],
    ['1', 'a1 b1'],
  ])
})

it('names key, steps, places, times and values of a match', () => {
  const built = arrival().begin('a', is('a')).oneOrMore().followedBy('b', is('b')).skip('past-last-event')
  const machine = patternMachine(built, (match) => ({ ...match, all: match.all(), a: match.step('a').length }))
  expect(play(machine, written('a1@0 a2@3 b1@5')).results).toEqual([
    {
      timeMs: 1_005,
      value: {
        key: 'card',
        startMs: 1_000,
        endMs: 1_005,
        more: 0,
        a: 2,
        all: [
          { step: 'a', topic: 'payments', partition: 3, offset: 0, timeMs: 1_000, value: { name: 'a1' } },
          { step: 'a', topic: 'payments', partition: 3, offset: 1, timeMs: 1_003, value: { name: 'a2' } },
          { step: 'b', topic: 'payments', partition: 3, offset: 2, timeMs: 1_005, value: { name: 'b1' } },
        ],
      },
    },
  ])
})

it('times a match that ends with an absence by what proved it', () => {
  const next = patternMachine(arrival().begin('a', is('a')).notNext('n', is('n')), (match) => match.endMs)
  expect(play(next, written('a@0 x@7')).results).toEqual([{ value: 1_007, timeMs: 1_007 }])
  const within = patternMachine(
    arrival().begin('a', is('a')).notFollowedBy('n', is('n')).within(ms(10)),
    (match) => match.endMs,
  )
  expect(play(within, written('a@0'), { untilMs: 3_000 }).results).toEqual([{ value: 1_010, timeMs: 1_010 }])
})

it('parks a record whose condition fails, and goes on with the partial matches of its key', () => {
  const failing = arrival()
    .begin('a', is('a'))
    .followedBy('b', (event) => {
      if (event.name === 'b!') throw new Error('no')
      return is('b')(event)
    })
  const played = play(patternMachine(failing, names), written('a b! b'))
  expect(played.parked).toEqual(['CODE_FAILED'])
  expect(played.results.map((result) => result.value)).toEqual(['a b'])
})

it('leaves nothing of the key when the code of a time-out fails: its cell is put aside', () => {
  const failing = patternMachine(
    arrival().begin('a', is('a')).times(2).notFollowedBy('n', is('n')).within(ms(10)),
    () => {
      throw new Error('no')
    },
  )
  const partition = new Partition(failing)
  for (const event of written('a@0 a@1')) partition.take(event)
  partition.fold.advanceTo(2_000, Number.POSITIVE_INFINITY)
  expect(partition.fold.state.userCells).toBe(0)
})
