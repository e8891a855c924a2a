import { describe, expect, it } from 'vitest'
import { compile } from '../../../shared/engine/patterns/compile.ts'
import { patternFromJson } from '../../../shared/engine/patterns/from-json.ts'
import { boundsMax, defaultBounds } from '../../../shared/engine/patterns/limits.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { rulesMachine } from '../../../shared/engine/patterns/rules-machine.ts'
import { MillraceError } from '../../../shared/errors.ts'
import { ruleListStart } from '../../../shared/processor/rule-list.ts'
import { ms } from '../../../shared/time.ts'
import { arrival, is, type Named, namesOf, written } from './examples.ts'
import { Partition, play } from './play.ts'

const two = () => arrival().begin('a', is('a')).followedByAny('b', is('b'))
const smallThenLarge = () => arrival().begin('small', is('s')).atLeast(2).followedBy('large', is('L'))
const inEventTime = (bounds: { readonly keptEventsMax: number }) =>
  pattern<Named>()
    .order('event-time', { grace: ms(10) })
    .begin('small', is('s'))
    .atLeast(2)
    .followedBy('large', is('L'))
    .within(ms(1_000))
    .skip('past-last-event')
    .bounds(bounds)
const bad = (given: unknown) => given as never

describe('bounds of a pattern', () => {
  it('are the usual ones where none are chosen, and of several choices the last', () => {
    expect(compile(two()).bounds).toEqual(defaultBounds)
    expect(compile(two().bounds({ deletesMax: 9 }).bounds({ partialMatchesMax: 7 })).bounds).toEqual({
      ...defaultBounds,
      deletesMax: 9,
      partialMatchesMax: 7,
    })
  })

  it('change no meaning of what is stored: the signature is the same', () => {
    expect(compile(two().bounds({ keptEventsMax: 5 })).signature).toBe(compile(two()).signature)
  })

  it.each([
    ['partial matches', two().bounds({ partialMatchesMax: 1 }), 'a1 a2 b', ['a2 b'], 1],
    ['events of a run', smallThenLarge().bounds({ keptEventsMax: 2 }), 's1 s2 s3 L', ['s2 s3 L'], 1],
    ['events of a run in event time', inEventTime({ keptEventsMax: 2 }), 's1@0 s2@5 s3@6 L@7 x@40', ['s2 s3 L'], 1],
    ['a run out of order', inEventTime({ keptEventsMax: 3 }), 's1@0 s2@5 s3@6 s4@3 L@7 x@40', ['s4 s2 s3 L'], 1],
    [
      'a run twice out of order',
      inEventTime({ keptEventsMax: 3 }),
      's3@3 s2@2 s1@1 s4@5 s0@0 L@7 x@40',
      ['s2 s3 s4 L'],
      2,
    ],
  ])('hold for %s, and what goes at them is counted', (_, built, text, matches, dropped) => {
    const played = play(
      patternMachine(built as never as ReturnType<typeof two>, (match) => namesOf(match.all())),
      written(text),
    )
    expect(played.results.map(({ value }) => value)).toEqual(matches)
    expect(played.dropped).toBe(dropped)
  })

  it.each([
    ['a run', smallThenLarge()],
    ['partial matches kept apart', arrival().begin('s', is('s')).followedBy('m', is('m')).followedBy('L', is('L'))],
  ])('hold for the deletes of one event, and the rest follows at once: %s', (_, built) => {
    const machine = patternMachine(
      (built as never as ReturnType<typeof two>).within(ms(10)).bounds({ deletesMax: 3 }),
      () => 'match',
    )
    const partition = new Partition(machine)
    for (const event of written('s1@0 s2@0 s3@0 s4@0 s5@0 s6@0 s7@0')) partition.take(event)
    partition.commit()
    let most = 0
    for (let due = partition.fold.state.due(1_010); due !== undefined; due = partition.fold.state.due(1_010)) {
      const before = partition.fold.state.size
      partition.fold.advanceTo(1_010, 1)
      most = Math.max(most, before - partition.fold.state.size)
      partition.commit()
    }
    // Besides the events: what says that there are any.
    expect(most).toBeLessThanOrEqual(3 + 2)
    expect(partition.cells()).toEqual([])
  })

  it('can be given as data', () => {
    const steps = [{ name: 'a', where: { field: 'name', is: '=', value: 'a' } }]
    const built = patternFromJson({ order: { kind: 'arrival' }, steps, bounds: { partialMatchesMax: 5 } })
    expect(compile(built).bounds.partialMatchesMax).toBe(5)
  })

  it('of the events that wait are those of the list, where patterns stand in one: the highest that a rule names', () => {
    const rules = [2, 3].reduce(
      (list, waitingEventsMax) =>
        list.rule(
          `rule-${waitingEventsMax}`,
          (p) => p.begin('a', is('a')).within(ms(100)).bounds({ waitingEventsMax }),
          () => 0,
        ) as never,
      ruleListStart<Named, string>('detectAll()').order('event-time', { grace: ms(10) }),
    )
    const played = play(rulesMachine(rules.order, rules.rules), written('a1 a2 a3 a4 a5'))
    expect(played.late).toHaveLength(2)
  })

  it.each([
    ['that do not exist', { eventsMax: 1 }, 'OPTION_UNKNOWN', /partialMatchesMax, keptEventsMax/],
    ['below 1', { partialMatchesMax: 0 }, 'OPTION_INVALID', /from 1 to 10000/],
    ['that are no whole number', { keptEventsMax: 1.5 }, 'OPTION_INVALID', /whole number/],
    ['above the most', { deletesMax: boundsMax.deletesMax + 1 }, 'OPTION_INVALID', /from 1 to 256/],
    ['that are no object', 5, 'OPTION_INVALID', /bounds/],
  ])('are refused when they are declared: %s', (_, given, code, says) => {
    expect(refusal(() => two().bounds(bad(given)))).toMatchObject({ code, message: expect.stringMatching(says) })
  })

  it('are not those of a group', () => {
    const declare = () => arrival().begin((g) => g.begin('a', is('a')).bounds({ deletesMax: 1 }))
    expect(refusal(declare)).toMatchObject({ code: 'PATTERN_INVALID', message: expect.stringMatching(/a group/) })
  })
})

function refusal(declare: () => unknown): unknown {
  try {
    return declare()
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError)
    return error
  }
}
