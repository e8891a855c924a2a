import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Alert, above, count, ms, previous, profile, recent } from '#millrace'
import type { Machine } from '../../../shared/engine/machine.ts'
import { ruleMachine } from '../../../shared/engine/rules/rule-machine.ts'
import { State } from '../../../shared/engine/state.ts'
import { foldOver, outputsOf, value } from '../fold-fixture.ts'

interface Event {
  readonly n: number
}
const thing = profile<Event>()({
  lately: recent({ upTo: ms(20) }, { count: count() }),
  last: previous((event) => event.n),
})
type Rule = ReturnType<typeof thing.rule>
const none = { parameters: z.strictObject({}), initial: {} }
const busy = thing.rule('busy', { ...none, when: ({ seen }) => above('lately', seen.lately(ms(10)).count, 2) })
const both = thing.rule('both', {
  ...none,
  when: ({ seen }) => [above('lately', seen.lately(ms(10)).count, 0)!, above('last', seen.last?.value ?? 0, -1)!],
})

/** What a rule says of events at these times, in order of arrival. */
function alertsAt(rule: Rule, ...times: readonly number[]): Alert[] {
  const machine = ruleMachine(thing.set([rule], 'arrival')) as Machine<unknown, unknown>
  const now = foldOver(new State(), {}, { machine })
  times.forEach((at, i) => {
    now.take(value(i, at, { n: 0 } as never), Number.POSITIVE_INFINITY)
  })
  return outputsOf(now) as unknown as Alert[]
}

describe('an alert explains itself', () => {
  it('with the events in the stretch of time that the rule looked at, by position, and that stretch', () => {
    const place = { topic: 't', partition: 0 }
    expect(alertsAt(busy, 1, 9, 10, 12)).toEqual([
      {
        id: 'busy/t/0/2',
        rule: 'busy',
        ruleVersion: 1,
        version: 0,
        action: 'review',
        shadow: false,
        key: 'k',
        timeMs: 10,
        // (10 - 10, 10] in whole ms.
        window: { start: 1, end: 10 },
        compared: [{ what: 'lately', value: 3, relation: '>', threshold: 2 }],
        events: [
          { step: 'recent', ...place, offset: 0, timeMs: 1 },
          { step: 'recent', ...place, offset: 1, timeMs: 9 },
          { step: 'event', ...place, offset: 2, timeMs: 10 },
        ],
        more: 0,
      },
      expect.objectContaining({ id: 'busy/t/0/3', timeMs: 12, window: { start: 3, end: 12 } }),
    ])
  })

  it('with the version of its rule, as it was declared', () => {
    const third = thing.rule('busy', {
      ...none,
      version: 3,
      when: ({ seen }) => above('all', seen.lately(ms(1)).count, 0),
    })
    expect(alertsAt(third, 1).map(({ rule, ruleVersion }) => [rule, ruleVersion])).toEqual([['busy', 3]])
  })

  it('with the event before the one at hand, where the rule looked at that as well, once', () => {
    const named = alertsAt(both, 1, 9, 19).map(({ events }) => events.map(({ step, offset }) => `${step} ${offset}`))
    // (19 - 10, 19] leaves out what was at 9.
    expect(named).toEqual([['event 0'], ['recent 0', 'event 1'], ['previous 1', 'event 2']])
  })
})
