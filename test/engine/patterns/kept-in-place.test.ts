import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../shared/engine/machine.ts'
import { clockOf, eventName, marksOf, placeOf, TAKEN, withMarks } from '../../../shared/engine/patterns/event-name.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { rulesMachine } from '../../../shared/engine/patterns/rules-machine.ts'
import { type RuleList, ruleListStart } from '../../../shared/processor/rule-list.ts'
import { ms } from '../../../shared/time.ts'
import { arrival, is, type Named, namesOf, written } from './examples.ts'
import { Partition } from './play.ts'

const GRACE_MS = 10
const inEventTime = () => pattern<Named>().order('event-time', { grace: ms(GRACE_MS) })
const names = (match: { all(): readonly { value: unknown }[] }) => namesOf(match.all())
const taken = (machine: Machine<Named, string>, text: string) => {
  const partition = new Partition(machine)
  for (const event of written(text)) partition.take(event)
  partition.commit()
  return partition
}
/** What a commit would write of the keys' cells: names, and texts but for those that stay as they are. */
const writes = ({ fold }: Partition<Named, string>) =>
  fold.state.changes().map(({ id, text, same }) => [id[0], same === true ? 'same' : text])

describe('the name of an event', () => {
  const number = fc.integer({ min: 0, max: 2 ** 48 })
  const named = fc.tuple(number, number, fc.nat(3)).map(([clockMs, place, again]) => ({ clockMs, place, again }))
  const idOf = ({ clockMs, place, again }: { clockMs: number; place: number; again: number }) =>
    withMarks(TAKEN + eventName(clockMs, place, again), 'a1')

  it('says its time, its place and its marks', () => {
    fc.assert(
      fc.property(named, (event) => {
        const id = idOf(event)
        expect([clockOf(id), placeOf(id), marksOf(id)]).toEqual([event.clockMs, event.place, 'a1'])
      }),
    )
  })

  it('sorts by time, then by place, then by which of several of one record it is', () => {
    fc.assert(
      fc.property(named, named, (a, b) => {
        const order = a.clockMs - b.clockMs || a.place - b.place || a.again - b.again
        const found = idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0
        expect(found).toBe(Math.sign(order))
      }),
    )
  })
})

describe('an event that a pattern takes once it has waited', () => {
  it('stays where it is, and of its value nothing is written again', () => {
    const built = inEventTime().begin('a', is('a')).followedBy('c', is('c')).followedBy('b', is('b')).within(ms(100))
    const partition = taken(patternMachine(built, names), 'a1@0')
    partition.fold.advanceTo(1_000 + GRACE_MS + 1, Number.POSITIVE_INFINITY)
    const written = writes(partition)
    expect(written.filter(([cell]) => cell === 'w')).toEqual([['w', 'same']])
    expect(written.some(([, text]) => text?.includes('a1'))).toBe(false)
  })

  it('is not even looked at, where it only joins a loop that one step ends', () => {
    const built = inEventTime().begin('a', is('a')).atLeast(2).followedBy('b', is('b')).within(ms(100))
    const partition = taken(patternMachine(built, names), 'a1@0')
    partition.fold.advanceTo(1_000 + GRACE_MS + 1, Number.POSITIVE_INFINITY)
    expect(writes(partition)).toEqual([])
    partition.fold.advanceTo(1_000 + 100 + GRACE_MS + 1, Number.POSITIVE_INFINITY)
    expect(writes(partition)).toEqual([['w', undefined]])
  })

  it('is named by its value as it was, whatever the commits and reloads in between', () => {
    const machine = patternMachine(
      inEventTime().begin('a', is('a')).atLeast(2).followedBy('b', is('b')).within(ms(100)).skip('past-last-event'),
      names,
    )
    const partition = new Partition(machine)
    for (const event of written('a1@0 a2@3 b1@5 x@40')) {
      partition.take(event)
      partition.commit()
      partition.reload()
    }
    partition.fold.advanceTo(1_100, Number.POSITIVE_INFINITY)
    partition.commit()
    expect(partition.outputs.map(({ value }) => JSON.parse(value!))).toEqual(['a1 a2 b1'])
    expect(partition.cells()).toEqual([])
  })

  it('keeps no value where it can only rule a match out, and rules it out all the same', () => {
    const machine = patternMachine(
      inEventTime().begin('a', is('a')).notFollowedBy('n', is('n')).followedBy('b', is('b')).within(ms(100)),
      names,
    )
    const partition = taken(machine, 'a1@0 b1@2 n1@1')
    expect([...partition.stored.values()].filter(({ text }) => text === '0')).toHaveLength(1)
    partition.reload()
    partition.fold.advanceTo(2_000, Number.POSITIVE_INFINITY)
    partition.commit()
    expect(partition.outputs).toEqual([])
    expect(partition.cells()).toEqual([])
  })
})

it('keeps a record that is redriven behind what came before it, though its offset is lower', () => {
  const built = arrival().begin('a', is('a')).times(3).within(ms(100)).skip('past-last-event')
  const partition = new Partition<Named, string>(patternMachine(built, names))
  const { fold } = partition
  const record = (offset: number, name: string) => {
    const other = { identity: undefined, timeLane: 0, raw: undefined }
    return { kind: 'value' as const, offset, timeMs: 1_000, address: 'card', value: { name }, ...other }
  }
  fold.take({ kind: 'bad', offset: 0, code: 'NOT_JSON', facts: {}, raw: undefined }, Number.POSITIVE_INFINITY)
  fold.take(record(1, 'a1'), Number.POSITIVE_INFINITY)
  fold.take(record(2, 'a2'), Number.POSITIVE_INFINITY)
  expect(fold.redrive(record(0, 'a3'))).toEqual({ outcome: 'applied' })
  partition.commit()
  expect(partition.outputs.filter(({ to }) => to === 0).map(({ value }) => JSON.parse(value!))).toEqual(['a1 a2 a3'])
})

describe('in a list of rules', () => {
  type Rules = RuleList<Named, string, unknown, unknown>
  const list = () => ruleListStart<Named, string>('detectAll()').order('event-time', { grace: ms(GRACE_MS) }) as Rules
  const silence = (rules: Rules) =>
    rules.rule(
      'silence',
      (p) => p.begin('a', is('a')).notFollowedBy('n', is('n')).within(ms(100)),
      (match) => `silence: ${names(match)}`,
    ) as Rules
  const pair = (rules: Rules) =>
    rules.rule(
      'pair',
      (p) => p.begin('a', is('a')).followedBy('b', is('b')).within(ms(50)),
      (match) => `pair: ${names(match)}`,
    ) as Rules
  const machineOf = ({ order, rules }: Rules) => rulesMachine(order, rules) as Machine<Named, string>
  const said = (partition: Partition<Named, string>) => {
    partition.fold.advanceTo(3_000, Number.POSITIVE_INFINITY)
    partition.commit()
    return partition.outputs.map(({ value }) => JSON.parse(value!) as string)
  }

  it('one cell holds an event for all rules that take it, until the longest window is over', () => {
    const partition = taken(machineOf(pair(silence(list()))), 'a1@0')
    partition.fold.advanceTo(1_000 + GRACE_MS + 1, Number.POSITIVE_INFINITY)
    expect(partition.cells().filter((id) => id.startsWith('w'))).toHaveLength(1)
    partition.fold.advanceTo(1_000 + GRACE_MS + 100, Number.POSITIVE_INFINITY)
    expect(partition.cells()).not.toEqual([])
    expect(said(partition)).toEqual(['silence: a1'])
    expect(partition.cells()).toEqual([])
  })

  it('what waits without its value still rules out, though the list has changed meanwhile', () => {
    for (const other of [(rules: Rules) => pair(silence(rules)), (rules: Rules) => silence(pair(rules))]) {
      const partition = taken(machineOf(silence(list())), 'a1@0 n1@1')
      partition.deploy(machineOf(other(list())))
      expect(said(partition)).toEqual([])
    }
  })
})
