import { describe, expect, it } from 'vitest'
import { defaultBounds } from '../../../shared/engine/patterns/limits.ts'
import type { Pattern } from '../../../shared/engine/patterns/pattern.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { minutes, ms } from '../../../shared/time.ts'
import { arrival, find, is, type Named, playNamed, written } from './examples.ts'
import { Partition, play } from './play.ts'

const small = () => arrival().begin('small', is('s')).atLeast(3).followedBy('large', is('L'))
/** The same rule, but with a condition that looks at earlier events, so that partial matches are kept one by one. */
const branching = () =>
  arrival()
    .begin('small', (event, soFar) => is('s')(event) && soFar !== undefined)
    .atLeast(3)
    .followedBy('large', is('L'))
const names = (match: { all(): readonly { value: Named }[] }) =>
  match
    .all()
    .map((event) => event.value.name)
    .join(' ')
const manySmall = (n: number, everyMs = 1) =>
  Array.from({ length: n }, (_, i) => ({ value: { name: `s${i}` }, timeMs: 1_000 + i * everyMs }))
const large = (timeMs: number) => ({ value: { name: 'L' }, timeMs })

describe.each([
  ['one list for all partial matches', small],
  ['each partial match by itself', branching],
])('%s', (_, rule) => {
  it.each(['no-skip', 'to-next', 'past-last-event'] as const)('finds the same with %s', (skip) => {
    const text = 's1 s2 L1 s3 x s4 L2 L3 s5 s6 s7 L4 s8 L5'
    const expected = find(small().skip(skip), text)
    expect(expected.length).toBeGreaterThan(1)
    expect(find(rule().skip(skip), text, { reload: true })).toEqual(expected)
  })

  it('leaves no cell behind after a match that discards all', () => {
    expect(play(patternMachine(rule().skip('past-last-event'), names), written('s1 s2 s3 s4 L')).cells).toEqual([])
  })

  it('leaves no cell behind when the window is over', () => {
    const played = play(patternMachine(rule().within(ms(10)), names), written('s1 s2 s3 L s4 x s5'), { untilMs: 2_000 })
    expect(played.cells).toEqual([])
  })
})

it.each([
  ['one list for all partial matches', small().skip('past-last-event'), 201, 's701'],
  [
    'each partial match by itself',
    arrival()
      .begin('first', (event) => event.name === 's0')
      .followedBy('small', is('s'))
      .times(1_000)
      .next('large', is('L')),
    2,
    's502',
  ],
] as const)(
  'names the first and the last 500 events of a long match and counts the others: %s',
  (_, rule, more, from) => {
    const machine = patternMachine(rule as Pattern<Named, Record<string, Named>>, (match) => {
      const named = match.all().map((event) => event.value.name)
      return { more: match.more, count: named.length, ends: [0, 499, 500, 999].map((i) => named[i]) }
    })
    const { results } = play(machine, [...manySmall(more === 2 ? 1_001 : 1_200), large(3_000)])
    expect(results.map((result) => result.value)).toEqual([{ more, count: 1_000, ends: ['s0', 's499', from, 'L'] }])
  },
)

it('keeps few branches of a start where only the first can go out', () => {
  const rule = arrival()
    .begin('small', is('s'))
    .atLeast(3)
    .followedBy('medium', is('m'))
    .followedBy('large', is('L'))
    .skip('past-last-event')
  const machine = patternMachine(rule, (match) => match.all().length)
  const { results, dropped } = play(machine, [...manySmall(300), { value: { name: 'm' }, timeMs: 2_000 }, large(2_001)])
  expect(results.map((result) => result.value)).toEqual([302])
  expect(dropped).toBe(0)
})

it('keeps no more than the loop can still use, where a match closes what is behind it', () => {
  const rule = arrival().begin('a', is('a')).times(1, 2).followedBy('b', is('b'))
  expect(play(patternMachine(rule, names), written('a1 a2 a3 b1 a4 a5 b2 a6 b3')).cells).toHaveLength(2)
})

it.each([
  ['a match has gone out', arrival().begin('a', is('a')).followedByAny('b', is('b'))],
  ['a branch has ended', arrival().begin('a', is('a')).followedByAny('b', is('b')).next('c', is('c'))],
] as const)('keeps no event for which %s, while the partial match lives on', (_, rule) => {
  const machine = patternMachine(rule as Pattern<Named, Record<string, Named>>, names)
  const text = 'b x b x b x'
  expect(play(machine, written(`a ${text} ${text}`)).cells).toEqual(play(machine, written('a')).cells)
})

it('writes as much for the thousandth small payment of a card as for the tenth', () => {
  const partition = new Partition(patternMachine(small().within(minutes(5)).skip('past-last-event'), names))
  const bytes = manySmall(1_000).map((event) => {
    partition.take(event)
    return partition.commit()
  })
  expect(bytes[999]! / bytes[9]!).toBeLessThan(1.5)
  expect(bytes[999]!).toBeLessThan(150)
})

it('spreads the deletes of a long run over several events', () => {
  const partition = new Partition(patternMachine(small().within(minutes(5)).skip('past-last-event'), names))
  for (const event of manySmall(2_000)) partition.take(event)
  partition.commit()
  partition.take(large(3_000))
  expect(partition.fold.state.touchedCells).toBeLessThanOrEqual(defaultBounds.deletesMax + 1)
  partition.fold.advanceTo(3_000, Number.POSITIVE_INFINITY)
  expect(partition.fold.state.size).toBe(0)
})

describe('at a bound', () => {
  it('drops the oldest starts and says how many', () => {
    const any = arrival().begin('a', is('a')).followedByAny('b', is('b'))
    const played = playNamed(any, 'a1 a2 a3 a4 b', { partialMatchesMax: 2 })
    expect(played.results.map((result) => result.value)).toEqual(['a3 b', 'a4 b'])
    expect(played.dropped).toBe(2)
  })

  it('lets out what waited for a start that it drops', () => {
    const rule = arrival()
      .begin('x', is('ab'))
      .followedBy('y', (event, soFar) => event.name[1] === soFar.values('x')[0]?.name[1])
      .skip('to-next')
    expect(find(rule, 'a1 b2 y2 a3 a4', { partialMatchesMax: 2 })).toEqual(['b2 y2'])
  })

  it('keeps as many branches of the only start as it may', () => {
    const rule = arrival()
      .begin('c', is('c'))
      .followedBy('a', is('a'))
      .oneOrMore()
      .allowCombinations()
      .followedBy('b', is('b'))
    const { results, dropped } = playNamed(rule, 'c a1 a2 a3 a4 b', { partialMatchesMax: 4 })
    expect(dropped).toBeGreaterThan(0)
    expect(results[0]!.value).toBe('c a1 a2 a3 a4 b')
  })

  it.each([
    ['one list for all partial matches', small],
    ['each partial match by itself', branching],
  ])('bounds the events of a run: %s', (_, rule) => {
    const { results, dropped } = playNamed(rule().skip('past-last-event'), 's1 s2 s3 s4 s5 L', { keptEventsMax: 4 })
    expect(results.map((result) => result.value)).toEqual(['s2 s3 s4 s5 L'])
    expect(dropped).toBeGreaterThan(0)
  })
})

describe('values', () => {
  interface Rich {
    readonly name: string
    readonly at?: unknown
  }
  const rich = () =>
    pattern<Rich>()
      .order('arrival')
      .begin('a', (event) => event.name === 'a')
      .followedBy('b', (event) => event.name === 'b')
  const at = new Date(0)
  class Money {
    cents = 5
  }

  it.each([
    ['a Date', at, '1970-01-01T00:00:00.000Z'],
    ['a Map', new Map([[1, 2]]), {}],
    ['an instance of a class', new Money(), { cents: 5 }],
    ['an undefined field', { x: undefined }, {}],
    ['NaN', Number.NaN, null],
    ['-0', -0, 0],
    ['plain JSON', { list: [1, 'two', null, true] }, { list: [1, 'two', null, true] }],
  ])('are as JSON gives them back, in the first event and in the last: %s', (_, given, kept) => {
    for (const reload of [false, true]) {
      const seen: unknown[] = []
      const machine = patternMachine(rich(), (match) => {
        seen.push(...match.all().map((event) => event.value.at))
        return 0
      })
      play(
        machine,
        [
          { value: { name: 'a', at: given }, timeMs: 1 },
          { value: { name: 'b', at: given }, timeMs: 2 },
        ],
        { reload },
      )
      expect(seen).toEqual([kept, kept])
      expect(seen.some((each) => Object.is(each, -0))).toBe(false)
    }
  })

  it('that are too large for a cell park their record', () => {
    const value = { name: 'a', at: 'x'.repeat(300_000) }
    expect(play(patternMachine(rich(), names as never), [{ value, timeMs: 1 }]).parked).toEqual(['CELL_TOO_LARGE'])
  })
})
