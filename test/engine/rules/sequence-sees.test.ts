import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  type Alert,
  above,
  always,
  count,
  mean,
  ms,
  patternFromJson,
  previous,
  profile,
  recent,
  ruleSettings,
} from '#millrace'
import type { Machine } from '../../../shared/engine/machine.ts'
import type { PatternBeginning } from '../../../shared/engine/patterns/pattern.ts'
import { ruleMachine } from '../../../shared/engine/rules/rule-machine.ts'
import { State } from '../../../shared/engine/state.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { cellsOf, foldOver, outputsOf, reloaded, value } from '../fold-fixture.ts'

interface Event {
  readonly at: number
  readonly n: number
}
const thing = profile<Event>()({
  lately: recent({ upTo: ms(20) }, { count: count() }),
  ever: always({ mean: mean((event) => event.n) }),
  last: previous((event) => event.n),
})
type Rule = ReturnType<typeof thing.sequence>
const none = { parameters: z.strictObject({}), initial: {} }

/** A small one, then one of more than twice the mean of all before it. */
const jump = thing.sequence('jump', {
  ...none,
  sees: ({ event, seen }) => ({ n: event.n, usual: seen.ever.mean, lately: seen.lately(ms(10)) }),
  pattern: (p) =>
    p
      .begin('low', ({ n }) => n < 3)
      .followedBy('high', ({ n, usual }) => usual !== null && n > 2 * usual)
      .within(ms(10)),
  explain(match) {
    const [low] = match.step('low')
    const [high] = match.step('high')
    return [
      above('n', high!.value.n, 2 * high!.value.usual!)!,
      { what: 'lately, at the small one', value: low!.value.lately.count, relation: '>=', threshold: 1 },
    ]
  },
})

function fold(rule: Rule, events: readonly Event[], cuts: readonly boolean[] = [], state = new State(), from = 0) {
  const machine = ruleMachine(thing.set([rule], { grace: ms(5) })) as Machine<unknown, unknown>
  let now = foldOver(state, {}, { machine })
  const alerts: Alert[] = []
  const commit = () => {
    alerts.push(...(outputsOf(now) as unknown as Alert[]))
    now.confirm()
    now = foldOver(reloaded(now.state), now.position, { machine })
  }
  events.forEach((event, i) => {
    now.take(value(from + i, event.at, event as never), Number.POSITIVE_INFINITY)
    if (cuts[i]) commit()
  })
  return {
    ended() {
      now.advanceTo(END_OF_TIME_MS, Number.POSITIVE_INFINITY)
      commit()
      return { alerts, left: cellsOf(now.state) }
    },
    cut() {
      commit()
      return now.state
    },
  }
}
const at = (...pairs: readonly (readonly [at: number, n: number])[]): Event[] => pairs.map(([at, n]) => ({ at, n }))

/** From the definition: what is not late, in order of time; each event with the profile as it was when its turn came. */
function naive(events: readonly Event[]): unknown[] {
  let streamTime = -1
  const taken = events.filter((event) => {
    streamTime = Math.max(streamTime, event.at)
    return event.at >= streamTime - 5
  })
  const sorted = taken.map((event, i) => ({ ...event, i })).sort((a, b) => a.at - b.at || a.i - b.i)
  const busy = (i: number) => sorted.slice(0, i + 1).filter((each) => each.at > sorted[i]!.at - 10).length
  let searchFrom = 0
  return sorted.flatMap((event, i) => {
    const usual = sorted.slice(0, i).reduce((sum, { n }) => sum + n, 0) / i
    const low = sorted.findIndex((each, j) => j >= searchFrom && j < i && each.n < 3 && event.at - each.at < 10)
    if (low === -1 || !(event.n > 2 * usual)) return []
    searchFrom = i + 1
    return [[event.at, event.n, 2 * usual, busy(low)]]
  })
}

describe('what a sequence sees of an event', () => {
  const events = fc.array(fc.record({ at: fc.integer({ min: 0, max: 40 }), n: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 20,
  })
  const numRuns = Number(process.env.PROPERTY_RUNS ?? 1_000)

  it('is the profile as it was in the turn of that event, whatever the order of arrival and the cuts into commits', () => {
    fc.assert(
      fc.property(events, fc.array(fc.boolean(), { maxLength: 20 }), (list, cuts) => {
        const { alerts, left } = fold(jump, list, cuts).ended()
        const said = alerts.map(({ timeMs, compared: [n, lately] }) => [timeMs, n!.value, n!.threshold, lately!.value])
        expect([said, left]).toEqual([naive(list), {}])
      }),
      { numRuns },
    )
  })

  it('stands in the alert: the values that each step was judged by', () => {
    // Means before each: none, 2, 2, 3 1/3: 10 is above twice that.
    const [alert] = fold(jump, at([0, 2], [1, 2], [2, 6], [3, 10])).ended().alerts
    expect(alert).toMatchObject({
      timeMs: 2,
      compared: [
        { what: 'n', value: 6, relation: '>', threshold: 4 },
        { what: 'lately, at the small one', value: 1 },
      ],
      events: [
        { step: 'low', offset: 0 },
        { step: 'high', offset: 2 },
      ],
    })
  })

  it('can be compared by a pattern that is a parameter', () => {
    const rule = thing.sequence('s', {
      parameters: z.strictObject({ pattern: z.unknown() }),
      initial: { pattern: { steps: [{ name: 'any', where: { field: 'times', is: '>', value: 3 } }], withinMs: 5 } },
      sees: ({ event, seen }) => ({ times: seen.last === undefined ? 0 : event.n / seen.last.value }),
      pattern: (p, { pattern }) => patternFromJson(pattern, p),
      explain: () => [],
    })
    expect(
      fold(rule, at([0, 2], [1, 6], [2, 20]))
        .ended()
        .alerts.map(({ timeMs }) => timeMs),
    ).toEqual([2])
  })

  it('is not asked of what was taken before the rule said what it sees: the search starts afresh', () => {
    const common = { ...none, explain: () => [] }
    const pattern = <T>(p: PatternBeginning<T>) =>
      p
        .begin('a', () => true)
        .next('b', () => true)
        .within(ms(100))
    const before = thing.sequence('s', { ...common, pattern: (p) => pattern(p) })
    const after = thing.sequence('s', { ...common, sees: ({ event: { n } }) => ({ n }), pattern: (p) => pattern(p) })
    const goesOn = (rule: Rule) => {
      const state = fold(before, at([0, 1], [6, 1])).cut()
      return fold(rule, at([8, 1]), [], state, 2)
        .ended()
        .alerts.map(({ events }) => events.map(({ offset }) => offset))
    }
    expect(goesOn(before)).toEqual([[0, 1]])
    expect(goesOn(after)).toEqual([[1, 2]])
  })

  it('looks no further back than is kept: such parameters are refused', () => {
    const rule = thing.sequence('s', {
      parameters: z.strictObject({ backMs: z.int() }),
      initial: { backMs: 20 },
      sees: ({ seen, parameters }) => seen.lately(parameters.backMs).count,
      pattern: (p) => p.begin('busy', (count) => count > 3).within(ms(5)),
      explain: () => [],
    })
    const check = (backMs: number) => () =>
      ruleSettings('settings', [thing.set([rule], 'arrival')]).check({ rules: { s: { parameters: { backMs } } } })
    expect(check(20)).not.toThrow()
    expect(check(21)).toThrow(/SETTINGS_INVALID.*rules\.s\.parameters: seen\.lately would look back 21 ms/)
  })
})
