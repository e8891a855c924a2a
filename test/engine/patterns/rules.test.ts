import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../shared/engine/machine.ts'
import { checkRules } from '../../../shared/engine/patterns/rule-checks.ts'
import { rulesMachine } from '../../../shared/engine/patterns/rules-machine.ts'
import { MillraceError } from '../../../shared/errors.ts'
import { type RuleList, type RuleListStart, ruleListStart } from '../../../shared/processor/rule-list.ts'
import { minutes, ms } from '../../../shared/time.ts'
import { is, type Named, namesOf, written } from './examples.ts'
import { Partition, play } from './play.ts'

type Rules = RuleList<Named, string, unknown, unknown>
const start = (): RuleListStart<Named, string> => ruleListStart<Named, string>('detectAll()')
const arrival = () => start().order('arrival') as unknown as Rules
const inEventTime = (grace: number) => start().order('event-time', { grace: ms(grace) }) as unknown as Rules
const machineOf = ({ order, rules }: Rules) => rulesMachine(order, rules) as Machine<Named, string>
const text = (rule: string) => (match: { all(): readonly { value: unknown }[] }) => `${rule}: ${namesOf(match.all())}`

const ab = (rules: Rules, options = {}): Rules =>
  rules.rule('ab', (p) => p.begin('a', is('a')).followedBy('b', is('b')).within(ms(100)), text('ab'), options) as Rules
const cc = (rules: Rules, options = {}): Rules =>
  rules.rule('cc', (p) => p.begin('c', is('c')).times(2).within(ms(100)), text('cc'), options) as Rules
const abc = (rules: Rules, options = {}): Rules =>
  rules.rule(
    'ab',
    (p) => p.begin('a', is('a')).followedBy('b', is('b')).followedBy('c', is('c')).within(ms(100)),
    text('abc'),
    options,
  ) as Rules
const values = (partition: Partition<Named, string>): string[] => {
  partition.commit()
  return partition.outputs.filter(({ to }) => to === 0).map(({ value }) => JSON.parse(value!) as string)
}

describe.each([
  ['as they arrive', arrival],
  ['in event time', () => inEventTime(5)],
] as const)('rules that look at events %s', (_, list) => {
  it.each([false, true])('each find their own matches, in the order of the list (reload: %s)', (reload) => {
    const { results } = play(machineOf(cc(ab(list()))), written('a1 c1 b1 c2 a2'), { reload, untilMs: 2_000 })
    expect(results.map((result) => result.value)).toEqual(['ab: a1 b1', 'cc: c1 c2'])
  })

  it('keep nothing once their windows are over', () => {
    expect(play(machineOf(cc(ab(list()))), written('a1 c1 x a2'), { untilMs: 2_000 }).cells).toEqual([])
  })

  it('touch no state for an event that fits nothing', () => {
    expect(play(machineOf(cc(ab(list()))), written('x y z')).cells).toEqual([])
  })
})

it('keep one cell for an event that waits, however many rules want it', () => {
  const both = (rules: Rules) =>
    rules.rule('aa', (p) => p.begin('a', is('a')).times(2).within(ms(100)), text('aa')) as Rules
  expect(play(machineOf(both(ab(inEventTime(5)))), written('a1')).cells).toHaveLength(1)
})

it('let an event go that could only go on with what its key has not begun', () => {
  const partition = new Partition(machineOf(ab(arrival())))
  for (const event of written('b1 b2')) partition.take(event)
  expect(partition.fold.state.touchedCells).toBe(0)
})

it('name the rule of a time-out', () => {
  const { timedOut } = play(machineOf(cc(ab(arrival()))), written('a1@0 c1@1'), { untilMs: 5_000, timeOuts: true })
  expect(timedOut).toMatchObject([
    { rule: 'ab', endMs: 1_100, why: 'within' },
    { rule: 'cc', endMs: 1_101, why: 'within' },
  ])
})

describe('a rule that has changed', () => {
  it('starts afresh, and what the old one kept goes when its window ends', () => {
    const partition = new Partition(machineOf(ab(arrival())))
    for (const event of written('a1@0')) partition.take(event)
    partition.deploy(machineOf(abc(arrival(), { version: 2 })))
    for (const event of written('b1@1 c1@2 a2@3 b2@4 c2@5')) partition.take(event)
    expect(values(partition)).toEqual(['abc: a2 b2 c2'])
    partition.fold.advanceTo(2_000, Number.POSITIVE_INFINITY)
    expect(partition.cells()).toEqual([])
  })

  it('is another rule by the shape of its pattern, even if no one has raised its version', () => {
    const partition = new Partition(machineOf(ab(arrival())))
    for (const event of written('a1@0')) partition.take(event)
    partition.deploy(machineOf(abc(arrival())))
    for (const event of written('b1@1 c1@2')) partition.take(event)
    expect(values(partition)).toEqual([])
  })

  it('is the same by its version and its shape: what it has begun goes on', () => {
    const partition = new Partition(machineOf(ab(arrival())))
    for (const event of written('a1@0')) partition.take(event)
    partition.deploy(machineOf(cc(ab(arrival()))))
    for (const event of written('b1@1')) partition.take(event)
    expect(values(partition)).toEqual(['ab: a1 b1'])
  })

  it('drains if the old version stays in the list as such: what it has begun goes on, nothing new begins', () => {
    const partition = new Partition(machineOf(ab(arrival())))
    for (const event of written('a1@0')) partition.take(event)
    partition.deploy(machineOf(abc(ab(arrival(), { drains: true }), { version: 2 })))
    for (const event of written('a2@1 b1@2 c1@3 a3@4 b2@5')) partition.take(event)
    expect(values(partition)).toEqual(['ab: a1 b1', 'abc: a2 b1 c1'])
  })

  it.each([
    ['no-skip', ['s1 s2 s3 L1', 's1 s2 L1', 's2 s3 L1']],
    ['to-next', ['s1 s2 s3 L1', 's2 s3 L1']],
    ['past-last-event', ['s1 s2 s3 L1']],
  ] as const)('drains a loop with all its starts, and takes more events into it: %s', (skip, expected) => {
    const loop = (options: object) =>
      machineOf(
        arrival().rule(
          'loop',
          (p) => p.begin('s', is('s')).atLeast(2).followedBy('L', is('L')).within(ms(50)).skip(skip),
          (match) => namesOf(match.all()),
          options,
        ) as Rules,
      )
    const partition = new Partition(loop({}))
    for (const event of written('s1@0 s2@1')) partition.take(event)
    partition.deploy(loop({ drains: true }))
    for (const event of written('s3@2 L1@3 s4@4 s5@5 L2@60 s6@61 s7@62 L3@63')) partition.take(event)
    expect(values(partition)).toEqual(expected)
    partition.fold.advanceTo(2_000, Number.POSITIVE_INFINITY)
    expect(partition.cells()).toEqual([])
  })

  it('judges again what waited while the list changed', () => {
    const partition = new Partition(machineOf(ab(inEventTime(5))))
    for (const event of written('a1@0 b1@1')) partition.take(event)
    partition.deploy(machineOf(ab(cc(inEventTime(5)))))
    partition.fold.advanceTo(2_000, Number.POSITIVE_INFINITY)
    expect(values(partition)).toEqual(['ab: a1 b1'])
  })

  it('gives up a long run piece by piece', () => {
    const loop = arrival().rule(
      'loop',
      (p) => p.begin('s', is('s')).atLeast(2).followedBy('L', is('L')).within(ms(50)),
      text('loop'),
    )
    const partition = new Partition(machineOf(loop as Rules))
    for (let i = 0; i < 700; i++) partition.take({ value: { name: 's' }, timeMs: 1_000 })
    partition.deploy(machineOf(ab(arrival())))
    partition.fold.advanceTo(2_000, Number.POSITIVE_INFINITY)
    expect(partition.cells()).toEqual([])
  })
})

describe('a list is refused', () => {
  const unbounded = (rules: Rules) => rules.rule('x', (p) => p.begin('a', is('a')), text('x')) as Rules
  it.each<[string, () => Rules, string, RegExp]>([
    ['without rules', () => arrival(), 'PATTERN_INVALID', /has no rule/],
    ['with a rule that has no window', () => unbounded(arrival()), 'PATTERN_INVALID', /has no window/],
    ['with a rule twice', () => ab(ab(arrival())), 'DUPLICATE', /Two rules of version 1 are called "ab"/],
    ['with two versions that both begin', () => abc(ab(arrival()), { version: 2 }), 'PATTERN_INVALID', /drains: true/],
    ['with an unknown option of a rule', () => ab(arrival(), { versions: 2 }), 'OPTION_UNKNOWN', /"versions"/],
    ['with a version that is no number', () => ab(arrival(), { version: 'v2' }), 'OPTION_INVALID', /whole number/],
    [
      'with a name that cannot be used',
      () => arrival().rule('a b', (p) => p.begin('a', is('a')), text('x')) as Rules,
      'NAME_INVALID',
      /rule name/,
    ],
    [
      'with a pattern that is invalid',
      () => arrival().rule('x', (p) => p.begin('a', is('a')).optional().within(minutes(1)), text('x')) as Rules,
      'PATTERN_INVALID',
      /Every step is optional/,
    ],
  ])('%s', (_, list, code, says) => {
    let error: unknown
    try {
      checkRules('detectAll()', list().rules)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(MillraceError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) })
  })
})
