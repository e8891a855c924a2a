import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Alert, above, always, count, days, ms, previous, profile, recent, sum } from '#millrace'
import type { Machine } from '../../../shared/engine/machine.ts'
import { defaultBounds } from '../../../shared/engine/patterns/limits.ts'
import { KEPT_EVENTS_MAX } from '../../../shared/engine/rules/case.ts'
import { ruleMachine } from '../../../shared/engine/rules/rule-machine.ts'
import { State } from '../../../shared/engine/state.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { cellsOf, foldOver, outputsOf, reloaded, value } from '../fold-fixture.ts'

interface Event {
  readonly at: number
  readonly n: number
}

const thing = profile<Event>()({
  lately: recent({ upTo: ms(20) }, { count: count(), total: sum((event) => event.n) }),
  ever: always({ count: count(), total: sum((event) => event.n) }),
  last: previous((event) => event.n),
})
const none = { parameters: z.strictObject({}), initial: {} }
const busy = thing.rule('busy', { ...none, when: ({ seen }) => above('lately', seen.lately(ms(10)).count, 2) })
const rich = thing.rule('rich', { ...none, when: ({ seen }) => above('total', seen.lately(ms(20)).total, 20) })
const grown = thing.rule('grown', {
  ...none,
  when: ({ event, seen }) => above('n', event.n, seen.last === undefined ? null : seen.last.value + 3),
})
const old = thing.rule('old', { ...none, when: ({ seen }) => above('ever', seen.ever.total, 30) })
const rising = thing.sequence('rising', {
  ...none,
  pattern: (p) =>
    p
      .begin('low', (event) => event.n < 3)
      .followedBy('high', (event) => event.n > 7)
      .within(ms(10))
      .skip('past-last-event'),
  explain: (match) => [above('high', match.step('high')[0]!.value.n, 7)!],
})

const rules = [busy, rich, grown, old, rising]
const GRACE_MS = 5
const machine = (order: 'arrival' | { grace: number }) =>
  ruleMachine(thing.set(rules, order)) as Machine<unknown, unknown>

/** Folds events in this order, one commit after each of `cuts`, each commit followed by a reload. */
function fold(events: readonly Event[], cuts: readonly boolean[] = []): { said: string[]; left: object } {
  const fields = { machine: machine({ grace: GRACE_MS }) }
  let now = foldOver(new State(), {}, fields)
  const said: string[] = []
  const commit = () => {
    said.push(...outputsOf(now).map((each) => brief(each as unknown as Alert)))
    now.confirm()
    now = foldOver(reloaded(now.state), now.position, fields)
  }
  events.forEach((event, i) => {
    now.take(value(i, event.at, event as never), Number.POSITIVE_INFINITY)
    if (cuts[i]) commit()
  })
  now.advanceTo(END_OF_TIME_MS, Number.POSITIVE_INFINITY)
  commit()
  return { said, left: cellsOf(now.state) }
}

const brief = ({ rule, timeMs, compared }: Alert): string => `${rule} at ${timeMs}: ${compared[0]!.value}`

/** From the definition: what is not late, in order of time; each event with those before it. */
function naive(events: readonly Event[]): string[] {
  let streamTime = -1
  const taken = events.filter(({ at }) => {
    streamTime = Math.max(streamTime, at)
    return at >= streamTime - GRACE_MS
  })
  const sorted = taken.map((event, i) => ({ ...event, i })).sort((a, b) => a.at - b.at || a.i - b.i)
  let searchFrom = 0
  return sorted.flatMap(({ at, n }, i) => {
    const before = sorted.slice(0, i)
    const within = (durationMs: number) => sorted.slice(0, i + 1).filter((each) => each.at > at - durationMs)
    const total = (list: readonly Event[]) => list.reduce((all, each) => all + each.n, 0)
    const found: [string, number, boolean][] = [
      ['busy', within(10).length, within(10).length > 2],
      ['rich', total(within(20)), total(within(20)) > 20],
      ['grown', n, i > 0 && n > before.at(-1)!.n + 3],
      ['old', total(before), total(before) > 30],
      ['rising', n, n > 7 && sorted.slice(searchFrom, i).some((low) => low.n < 3 && at - low.at < 10)],
    ]
    if (found[4]![2]) searchFrom = i + 1
    return found.filter(([, , holds]) => holds).map(([rule, compared]) => `${rule} at ${at}: ${compared}`)
  })
}

const events = fc.array(fc.record({ at: fc.integer({ min: 0, max: 60 }), n: fc.integer({ min: 0, max: 9 }) }), {
  maxLength: 25,
})
const numRuns = Number(process.env.PROPERTY_RUNS ?? 1_000)

describe('rules in event-time order', () => {
  it('say what their definition says, whatever the order of arrival', () => {
    fc.assert(
      fc.property(events, (list) => {
        expect(fold(list).said).toEqual(naive(list))
      }),
      { numRuns },
    )
  })

  it('say the same under every cut into commits, each followed by a reload', () => {
    fc.assert(
      fc.property(events, fc.array(fc.boolean(), { maxLength: 25 }), (list, cuts) => {
        expect(fold(list, cuts).said).toEqual(fold(list).said)
      }),
      { numRuns },
    )
  })

  it('keep nothing of a key that is gone for good', () => {
    fc.assert(
      fc.property(events, (list) => {
        expect(fold(list).left).toEqual({})
      }),
      { numRuns: 100 },
    )
  })
})

describe('what is kept of a key', () => {
  const take = (state: State, list: readonly Event[]) => {
    const now = foldOver(state, {}, { machine: machine('arrival') })
    list.forEach((event, i) => {
      now.take(value(i, event.at, event as never), Number.POSITIVE_INFINITY)
    })
    return now
  }

  it('is an event for as long as a recent feature looks back, and the memory for as long as the profile says', () => {
    const now = take(new State(), [{ at: 5, n: 1 }])
    now.advanceTo(24, Number.POSITIVE_INFINITY)
    expect(Object.keys(cellsOf(now.state)).filter((id) => id.startsWith('k/k'))).toHaveLength(1)
    now.advanceTo(25, Number.POSITIVE_INFINITY)
    expect(Object.keys(cellsOf(now.state)).filter((id) => id.startsWith('k/k'))).toHaveLength(0)
    // Rounded up to the end of a day.
    now.advanceTo(days(401) - 1, Number.POSITIVE_INFINITY)
    expect(cellsOf(now.state)).not.toEqual({})
    now.advanceTo(days(401), Number.POSITIVE_INFINITY)
    expect(cellsOf(now.state)).toEqual({})
  })

  it(`is the newest ${KEPT_EVENTS_MAX} events at most, all of one moment`, () => {
    const now = take(
      new State(),
      Array.from({ length: KEPT_EVENTS_MAX + 3 }, () => ({ at: 7, n: 0 })),
    )
    expect(Object.keys(cellsOf(now.state)).filter((id) => id.startsWith('k/k'))).toHaveLength(KEPT_EVENTS_MAX)
    const last = outputsOf(now).at(-1) as unknown as Alert
    expect(last).toMatchObject({ rule: 'busy', compared: [{ value: KEPT_EVENTS_MAX }] })
    expect(last.events).toHaveLength(100)
    expect(last.more).toBe(KEPT_EVENTS_MAX - 100)
    expect(now.position.counts.keptEventsDropped).toBe(3)
  })

  it('is no more events that wait than may: one more is late by nothing', () => {
    const { waitingEventsMax } = defaultBounds
    const now = foldOver(new State(), {}, { machine: machine({ grace: GRACE_MS }) })
    const wait = (offset: number) =>
      now.take(
        value(offset, 100, { at: 100, n: 0 } as never, { address: String(offset % 2) }),
        Number.POSITIVE_INFINITY,
      )
    for (let i = 0; i < 2 * waitingEventsMax; i++) wait(i)
    expect([now.position.counts.late, now.position.counts.counted]).toEqual([0, 2 * waitingEventsMax])
    wait(2 * waitingEventsMax)
    expect([now.position.counts.late, now.position.counts.counted]).toEqual([1, 2 * waitingEventsMax])
  })

  it('is no search under other parameters: what that began is given up, a few hundred cells at a time', () => {
    const rule = thing.sequence('long', {
      parameters: z.strictObject({ least: z.number() }),
      initial: { least: 5 },
      pattern: (p, { least }) =>
        p
          .begin('low', (event) => event.n < least)
          .followedBy('high', (event) => event.n > 7)
          .within(ms(10)),
      explain: () => [],
    })
    const searching = (value: object, version: number) => {
      const now = foldOver(
        state,
        {},
        { machine: ruleMachine(thing.set([rule], 'arrival')) as Machine<unknown, unknown> },
      )
      now.pin({ version, value })
      return now
    }
    const state = new State()
    const before = searching({}, 0)
    for (let i = 0; i < 1_000; i++) before.take(value(i, 1, { at: 1, n: 1 } as never), Number.POSITIVE_INFINITY)
    before.confirm()
    const after = searching({ rules: { long: { parameters: { least: 4 } } } }, 1)
    let most = 0
    for (let due = state.due(12); due !== undefined; due = state.due(12)) {
      after.advanceTo(12, 1)
      most = Math.max(most, state.touchedCells)
      after.confirm()
    }
    expect(most).toBeLessThanOrEqual(defaultBounds.deletesMax + 1)
    expect(Object.keys(cellsOf(state)).filter((id) => id.startsWith('k/c'))).toEqual([])
  })
})
