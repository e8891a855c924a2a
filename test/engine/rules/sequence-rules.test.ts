import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Alert, count, hours, ms, onList, patternFromJson, profile, recent } from '#millrace'
import type { Machine } from '../../../shared/engine/machine.ts'
import { ruleMachine } from '../../../shared/engine/rules/rule-machine.ts'
import { checkSettings, type RuleSettings } from '../../../shared/engine/rules/rule-settings.ts'
import { State } from '../../../shared/engine/state.ts'
import { cellsOf, foldOver, outputsOf, reloaded, value } from '../fold-fixture.ts'

interface Event {
  readonly name: string
}
const thing = profile<Event>()({ lately: recent({ upTo: ms(20) }, { count: count() }) })
type Sequence = Parameters<typeof thing.sequence<object, unknown, Event>>[1]
type Rule = ReturnType<typeof thing.sequence>

const is = (letter: string) => (event: Event) => event.name.startsWith(letter)
const sequence = (pattern: Sequence['pattern'], version = 1): Rule =>
  thing.sequence('s', {
    version,
    parameters: z.strictObject({}),
    initial: {},
    pattern: pattern as never,
    explain: () => [],
  })

function folding(rule: Rule, state = new State(), position = {}, settings: RuleSettings = {}) {
  const machine = ruleMachine(thing.set([rule], 'arrival')) as Machine<unknown, unknown>
  const now = foldOver(state, position, { machine })
  now.pin({ version: 1, value: settings })
  return now
}

/** Takes events a millisecond apart, named by a letter each. */
function take(now: ReturnType<typeof folding>, letters: string, from = 0): Alert[] {
  ;[...letters].forEach((name, i) => {
    now.take(value(from + i, from + i, { name } as never), Number.POSITIVE_INFINITY)
  })
  return outputsOf(now) as unknown as Alert[]
}
const offsetsOf = (alerts: readonly Alert[]) => alerts.map(({ events }) => events.map(({ offset }) => offset))

describe('a sequence rule whose pattern has changed with a deploy', () => {
  const before = sequence((p) => p.begin('a', is('a')).next('b', is('b')).next('c', is('c')).within(ms(100)))
  const after = sequence((p) => p.begin('x', is('x')).next('b', is('b')).within(ms(100)))

  it('starts afresh: what the old one kept is not read as its own, and goes when its window ends', () => {
    const old = folding(before)
    take(old, 'a')
    old.confirm()
    const now = folding(after, reloaded(old.state), old.position)
    expect(take(now, 'b', 1)).toEqual([])
    now.advanceTo(hours(1), Number.POSITIVE_INFINITY)
    expect(cellsOf(now.state)).toEqual({})
  })

  it('starts afresh with a higher version, for what its shape does not show', () => {
    const lax = sequence((p) =>
      p
        .begin('a', (event) => 'ax'.includes(event.name))
        .next('b', is('b'))
        .within(ms(100)),
    )
    const strict = (version: number) =>
      sequence((p) => p.begin('a', is('a')).next('b', is('b')).within(ms(100)), version)
    const goingOn = (rule: Rule) => {
      const old = folding(lax)
      take(old, 'x')
      old.confirm()
      return offsetsOf(take(folding(rule, reloaded(old.state), old.position), 'b', 1))
    }
    expect(goingOn(strict(1))).toEqual([[0, 1]])
    expect(goingOn(strict(2))).toEqual([])
  })

  it.each([0, 1.5, '2'])('has no version %j', (version) => {
    expect(() => sequence((p) => p.begin('a', is('a')).within(ms(1)), version as number)).toThrow(
      /version.*whole number/,
    )
  })

  it('goes on where its shape is the same', () => {
    const old = folding(before)
    take(old, 'ab')
    old.confirm()
    expect(offsetsOf(take(folding(before, reloaded(old.state), old.position), 'c', 2))).toEqual([[0, 1, 2]])
  })
})

describe('a sequence rule is refused when it is declared', () => {
  it.each<[string, Sequence['pattern'], RegExp]>([
    ['without a pattern', () => undefined as never, /does not return a pattern/],
    ['without a window', (p) => p.begin('a', is('a')), /no window/],
    ['with nothing required', (p) => p.begin('a', is('a')).optional().within(ms(1)), /Every step is optional/],
    [
      'with a target that is no step',
      (p) =>
        p
          .begin('a', is('a'))
          .within(ms(1))
          .skip({ toLast: 'b' } as never),
      /"b"/,
    ],
  ])('%s', (_, pattern, says) => {
    expect(() => sequence(pattern)).toThrow(says)
  })
})

it('settings are refused that make a pattern that cannot be', () => {
  const rule = thing.sequence('s', {
    parameters: z.strictObject({ gap: z.number() }),
    initial: { gap: 5 },
    pattern: (p, { gap }) => p.begin('a', is('a')).next('b', is('b')).withinPrevious(ms(gap)).within(ms(10)),
    explain: () => [],
  })
  const check = (gap: number) => () => checkSettings([rule], { rules: { s: { parameters: { gap } } } })
  expect(check(10)).not.toThrow()
  expect(check(11)).toThrow(/SETTINGS_INVALID.*rules\.s\.parameters.*A gap of 11 ms can never be reached/)
  expect(check(0.5)).toThrow(/SETTINGS_INVALID.*rules\.s\.parameters/)
})

it('a pattern can be a parameter itself: another one without a deploy, if it can be', () => {
  const dataOf = (...names: readonly string[]) => ({
    steps: names.map((name, i) => ({
      name,
      ...(i > 0 && { join: 'next' }),
      where: { field: 'name', is: '=', value: name },
    })),
    withinMs: 100,
  })
  const rule = thing.sequence('s', {
    parameters: z.strictObject({ pattern: z.unknown() }),
    initial: { pattern: dataOf('a', 'b') },
    pattern: (p, { pattern }) => patternFromJson<Event>(pattern, p),
    explain: () => [],
  })
  const given = (pattern: unknown): RuleSettings => ({ rules: { s: { parameters: { pattern } } } })
  expect(offsetsOf(take(folding(rule), 'abcd'))).toEqual([[0, 1]])
  expect(offsetsOf(take(folding(rule, new State(), {}, given(dataOf('b', 'c', 'd'))), 'abcd'))).toEqual([[1, 2, 3]])
  expect(() => checkSettings([rule], given({ steps: [] }))).toThrow(
    /SETTINGS_INVALID.*rules\.s\.parameters.*a list of 1 to/,
  )
})

describe('an alert of a sequence', () => {
  const atLeastTwo = sequence((p) => p.begin('a', is('a')).atLeast(2).followedBy('b', is('b')).within(ms(100)))
  const allOfThem = sequence((p) =>
    p.begin('a', is('a')).atLeast(2).followedBy('b', is('b')).within(ms(100)).skip('no-skip'),
  )

  it('is one for each attack, unless the pattern skips otherwise', () => {
    expect(offsetsOf(take(folding(atLeastTwo), 'aaab'))).toEqual([[0, 1, 2, 3]])
    expect(offsetsOf(take(folding(allOfThem), 'aaab'))).toEqual([
      [0, 1, 2, 3],
      [0, 1, 3],
      [1, 2, 3],
    ])
  })

  it('has the event that completed it as its id, and what tells it from others of that event', () => {
    const ids = (rule: Rule) => take(folding(rule), 'aaab').map(({ id }) => id)
    expect(ids(atLeastTwo)).toEqual(['s/t/0/3'])
    expect(new Set(ids(allOfThem)).size).toBe(3)
    for (const id of ids(allOfThem)) expect(id).toMatch(/^s\/t\/0\/3\/\w+$/)
    expect(ids(allOfThem)).toEqual(ids(allOfThem))
  })
})

it('a sequence asks the lists of the settings that its batch has pinned', () => {
  const rule = thing.sequence('s', {
    parameters: z.strictObject({}),
    initial: {},
    pattern: (p, _, lists) =>
      p
        .begin('a', (event) => !lists.listed('trusted', event.name))
        .next('b', is('b'))
        .within(ms(100)),
    explain: (match, _, lists) => onList(lists, 'first', match.step('a')[0]!.value.name, 'watched'),
  })
  const lists = { trusted: ['c'], watched: ['a'] }
  const alerts = take(folding(rule, new State(), {}, { lists }), 'abcb')
  expect(offsetsOf(alerts)).toEqual([[0, 1]])
  expect(alerts[0]!.compared).toEqual([{ what: 'first', value: 'a', relation: 'in', threshold: 'watched' }])
  expect(offsetsOf(take(folding(rule), 'abcb'))).toEqual([
    [0, 1],
    [2, 3],
  ])
})

it('a rule may be called like anything that every object has', () => {
  const rule = thing.rule('constructor', { parameters: z.strictObject({}), initial: {}, when: () => [] })
  expect(() => checkSettings([rule], { rules: {} })).not.toThrow()
})
