import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { above, all, count, hours, ms, previous, profile, type RuleSettings, recent, ruleSettings } from '#millrace'

interface Event {
  readonly place: { readonly name: string }
  readonly backMs: number
}
const thing = profile<Event>()({
  lately: recent({ upTo: hours(24) }, { count: count() }),
  justNow: recent({ upTo: hours(1) }, { count: count() }),
  last: previous((event) => event.place.name),
})
const parameters = z.strictObject({ withinMs: z.number() })
type When = Parameters<typeof thing.rule<{ withinMs: number }>>[1]['when']

/** Settings of one rule whose schema bounds nothing. */
const check = (when: When, withinMs: number) => {
  const rule = thing.rule('busy', { parameters, initial: { withinMs: 1 }, when })
  const document: RuleSettings = { rules: { busy: { parameters: { withinMs } } } }
  return () => ruleSettings('s', [thing.set([rule], 'arrival')]).check(document)
}
const lately: When = ({ seen, parameters }) => above('count', seen.lately(parameters.withinMs).count, 3)

describe('parameters with which a rule looks further back than is kept', () => {
  it('are refused, with the rule, the feature, and how much is kept', () => {
    expect(check(lately, hours(24) + 1)).toThrow(
      'SETTINGS_INVALID: Settings refused at rules.busy.parameters: seen.lately would look back 86400001 ms, and events are kept for 86400000 ms',
    )
    expect(check(lately, hours(24))).not.toThrow()
  })

  it('are refused where the rule is declared', () => {
    const initial = { withinMs: hours(25) }
    expect(() => thing.rule('busy', { parameters, initial, when: lately })).toThrow(
      /rules\.busy\.parameters: seen\.lat/,
    )
  })

  it.each<{ title: string; when: When }>([
    {
      title: 'a feature that is kept for less than another',
      when: ({ seen, parameters }) => above('count', seen.justNow(parameters.withinMs).count, 3),
    },
    {
      title: 'the second of two looks',
      when: ({ seen, parameters }) =>
        above('count', seen.lately(hours(24)).count, 2 * (seen.justNow(parameters.withinMs).count ?? 0)),
    },
    {
      title: 'a look beside a field of the event',
      when: ({ event, seen, parameters }) =>
        all(above('back', event.backMs, 5), above('count', seen.justNow(parameters.withinMs).count, 3)),
    },
  ])('are refused for $title', ({ when }) => {
    expect(check(when, hours(2))).toThrow(/rules\.busy\.parameters: seen\.justNow would look back 7200000 ms/)
  })

  it.each<{ title: string; when: When }>([
    {
      title: 'what it reads of an event before, since none is there',
      when: ({ event, seen, parameters }) =>
        above('n', seen.lately(event.place.name.length * parameters.withinMs).count, 1),
    },
    { title: 'a time that the event names', when: ({ event, seen }) => above('n', seen.lately(event.backMs).count, 1) },
    { title: 'the time of the event', when: ({ timeMs, seen }) => above('n', seen.lately(timeMs - 5).count, 1) },
    {
      title: 'what a key that was never seen does not reach',
      when: ({ seen, parameters }) =>
        seen.last === undefined ? false : above('n', seen.lately(parameters.withinMs).count, 1),
    },
  ])('cannot be known for $title: they are taken', ({ when }) => {
    expect(check(when, hours(25))).not.toThrow()
  })
})

it('a set takes rules of its own profile only: others look for what this one does not keep', () => {
  const longer = profile<Event>()({ lately: recent({ upTo: hours(48) }, { count: count() }) })
  const rule = longer.rule('busy', { parameters, initial: { withinMs: hours(48) }, when: () => [] })
  const chain = longer.sequence('chain', {
    parameters,
    initial: { withinMs: 1 },
    pattern: (p) => p.begin('any', () => true).within(ms(5)),
    explain: () => [],
  })
  expect(() => longer.set([rule, chain], 'arrival')).not.toThrow()
  for (const [name, foreign] of Object.entries({ busy: rule, chain }))
    expect(() => thing.set([foreign], 'arrival')).toThrow(`OPTION_INVALID: set(): rules is "${name}", but it must be`)
})
