import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { type Alert, count, ms, profile, recent } from '#millrace'
import type { Machine } from '../../../shared/engine/machine.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { ruleMachine } from '../../../shared/engine/rules/rule-machine.ts'
import { play } from '../patterns/play.ts'
import { type Drawn, declared, drawnEvents, drawnPattern, type Letter } from '../patterns/random-patterns.ts'

const numRuns = Number(process.env.PROPERTY_RUNS ?? 500)

const thing = profile<Letter>()({ lately: recent({ upTo: ms(20) }, { count: count() }) })
const ruleOf = (drawn: Drawn) =>
  thing.sequence('s', {
    parameters: z.strictObject({}),
    initial: {},
    pattern: () => declared(drawn, 'arrival'),
    explain: () => [],
  })
const text = (events: readonly { step: string; offset: number }[]) =>
  events.map(({ step, offset }) => `${step}:${offset}`).join(' ')

it('a sequence rule finds what its pattern finds alone, in either order of events, and each match has an id of its own', () => {
  const delays = fc.array(fc.nat(5), { minLength: 8, maxLength: 8 })
  const cuts = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })
  const windowed = drawnPattern.map((drawn) => ({ ...drawn, within: drawn.within ?? 9 }))
  fc.assert(
    fc.property(windowed, drawnEvents, delays, fc.boolean(), cuts, (drawn, events, delay, reload, cut) => {
      const input = events
        .map(({ kind, at }, i) => ({ value: { kind }, timeMs: at, arrival: at + delay[i]! }))
        .toSorted((a, b) => a.arrival - b.arrival)
      const options = { reload, cuts: cut, untilMs: 1_000_000 }
      for (const order of ['arrival', { grace: 5 }] as const) {
        const found = play(
          patternMachine(declared(drawn, order), (match) => text(match.all())),
          input,
          options,
        )
        const machine = ruleMachine(thing.set([ruleOf(drawn)], order)) as Machine<unknown, unknown> as Machine<
          Letter,
          Alert
        >
        const { results, parked, cells } = play(machine, input, options)
        const alerts = results.map(({ value }) => text(value.events))
        expect([alerts, parked, cells]).toEqual([found.results.map(({ value }) => value), [], []])
        expect(new Set(results.map(({ value }) => value.id)).size).toBe(new Set(alerts).size)
      }
    }),
    { numRuns },
  )
})
