import fc from 'fast-check'
import { expect, it } from 'vitest'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { naiveMatches } from './naive.ts'
import { play } from './play.ts'
import { type Drawn, declared, drawnEvents, drawnPattern, isAllowed, naiveOf } from './random-patterns.ts'

const numRuns = Number(process.env.MILLRACE_RUNS ?? 600)

const endMs = 1_000_000
const machineOf = (drawn: Drawn, order: 'arrival' | { grace: number }) =>
  patternMachine(declared(drawn, order), (match) =>
    match
      .all()
      .map(({ step, offset }) => `${step}:${offset}`)
      .join(' '),
  )

it('finds what direct enumeration finds, in the same order, whether state is kept or reloaded after every event', () => {
  fc.assert(
    fc.property(drawnPattern.filter(isAllowed), drawnEvents, fc.boolean(), (drawn, events, reload) => {
      const input = events.map(({ kind, at }) => ({ value: { kind }, timeMs: at }))
      const { results, parked, cells } = play(machineOf(drawn, 'arrival'), input, { reload, untilMs: endMs })
      expect(parked).toEqual([])
      expect(results.map((result) => result.value)).toEqual(naiveMatches(naiveOf(drawn), events))
      if (drawn.within !== undefined) expect(cells).toEqual([])
    }),
    { numRuns },
  )
})

it('finds the same in event-time order, whatever the order of arrival within the grace', () => {
  fc.assert(
    fc.property(
      drawnPattern.filter(isAllowed),
      drawnEvents,
      fc.array(fc.nat(5), { minLength: 8, maxLength: 8 }),
      fc.boolean(),
      (drawn, events, delays, reload) => {
        const arriving = events
          .map((event, i) => ({ event, arrival: event.at + delays[i]! }))
          .toSorted((a, b) => a.arrival - b.arrival)
        const input = arriving.map(({ event }) => ({ value: { kind: event.kind }, timeMs: event.at }))
        const { results, late } = play(machineOf(drawn, { grace: 5 }), input, { reload, untilMs: endMs })
        const inOrder = arriving.map(({ event }, offset) => ({ ...event, offset })).toSorted((a, b) => a.at - b.at)
        const expected = naiveMatches(naiveOf(drawn), inOrder).map((match) =>
          match.replaceAll(/:(\d+)/g, (_, i: string) => `:${inOrder[Number(i)]!.offset}`),
        )
        expect(late).toEqual([])
        expect(results.map((result) => result.value)).toEqual(expected)
      },
    ),
    { numRuns },
  )
})
