import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Machine } from '../../../shared/engine/machine.ts'
import { compile } from '../../../shared/engine/patterns/compile.ts'
import { patternFromJson } from '../../../shared/engine/patterns/from-json.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { rulesMachine } from '../../../shared/engine/patterns/rules-machine.ts'
import { type NaiveEvent, type NaiveFound, naiveFound } from './naive.ts'
import { type Played, play } from './play.ts'
import { type Drawn, dataOf, declared, drawnEvents, drawnPattern, naiveOf } from './random-patterns.ts'

/** Pairs of pattern and events per property: two properties, so 2,000 in all. `MILLRACE_PATTERN_RUNS=10000`: 20,000. */
const numRuns = Number(process.env.MILLRACE_PATTERN_RUNS ?? 1_000)
const timeoutMs = Math.max(60_000, numRuns * 30)

const endMs = 1_000_000
const text = (events: readonly { step: string; offset: number }[]) =>
  events.map(({ step, offset }) => `${step}:${offset}`).join(' ')
const machineOf = (drawn: Drawn, order: 'arrival' | { grace: number }) =>
  patternMachine(declared(drawn, order), (match) => text(match.all()))

interface Kind {
  readonly kind: string
}
interface Ended {
  readonly rule: string
}
interface TimedOut {
  readonly endMs: number
  readonly events: { step: string; offset: number }[]
}
const found = ({ results, timedOut }: Played<string>): NaiveFound => ({
  matches: results.map((result) => result.value),
  timedOut: (timedOut as TimedOut[]).map((each) => `${text(each.events)} @${each.endMs}`),
})

const cuts = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })

it('finds what direct enumeration finds, in the same order, wherever commits are cut, whether state is kept or reloaded', {
  timeout: timeoutMs,
}, () => {
  fc.assert(
    fc.property(drawnPattern, drawnEvents, fc.boolean(), cuts, (drawn, events, reload, cut) => {
      const input = events.map(({ kind, at }) => ({ value: { kind }, timeMs: at }))
      const options = { reload, cuts: cut, untilMs: endMs, timeOuts: true }
      const played = play(machineOf(drawn, 'arrival'), input, options)
      expect(played.parked).toEqual([])
      expect(found(played)).toEqual(naiveFound(naiveOf(drawn), events))
      if (drawn.within !== undefined) expect(played.cells).toEqual([])
    }),
    { numRuns },
  )
})

it('finds the same in event-time order, whatever the order of arrival within the grace', { timeout: timeoutMs }, () => {
  const delays = fc.array(fc.nat(5), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(drawnPattern, drawnEvents, delays, fc.boolean(), cuts, (drawn, events, delay, reload, cut) => {
      const arriving = events
        .map((event, i) => ({ event, arrival: event.at + delay[i]! }))
        .toSorted((a, b) => a.arrival - b.arrival)
      const input = arriving.map(({ event }) => ({ value: { kind: event.kind }, timeMs: event.at }))
      const options = { reload, cuts: cut, untilMs: endMs, timeOuts: true }
      const played = play(machineOf(drawn, { grace: 5 }), input, options)
      const inOrder = arriving.map(({ event }, offset) => ({ ...event, offset })).toSorted((a, b) => a.at - b.at)
      expect(played.late).toEqual([])
      expect(found(played)).toEqual(withOffsets(naiveFound(naiveOf(drawn), inOrder), inOrder))
    }),
    { numRuns },
  )
})

it('finds the same with the pattern as data', { timeout: timeoutMs }, () => {
  fc.assert(
    fc.property(drawnPattern, drawnEvents, fc.boolean(), (drawn, events, reload) => {
      const input = events.map(({ kind, at }) => ({ value: { kind }, timeMs: at }))
      const options = { reload, untilMs: endMs, timeOuts: true }
      const data = JSON.parse(JSON.stringify(dataOf(drawn))) as unknown
      const machine = patternMachine(patternFromJson(data), (match) => text(match.all()))
      expect(found(play(machine, input, options))).toEqual(found(play(machineOf(drawn, 'arrival'), input, options)))
    }),
    { numRuns: numRuns / 5 },
  )
})

it('finds in a list of rules what each finds alone, in either order of events, wherever commits are cut', {
  timeout: timeoutMs,
}, () => {
  const delays = fc.array(fc.nat(5), { minLength: 8, maxLength: 8 })
  const windowed = drawnPattern.map((drawn) => ({ ...drawn, within: drawn.within ?? 9 }))
  fc.assert(
    fc.property(windowed, windowed, drawnEvents, delays, fc.boolean(), cuts, (a, b, events, delay, reload, cut) => {
      const input = events
        .map(({ kind, at }, i) => ({ value: { kind }, timeMs: at, arrival: at + delay[i]! }))
        .toSorted((one, other) => one.arrival - other.arrival)
      const options = { reload, cuts: cut, untilMs: endMs, timeOuts: true }
      for (const order of ['arrival', { grace: 5 }] as const) {
        const specs = [a, b].map((drawn, i) => ({
          name: String(i),
          version: 1,
          compiled: compile(declared(drawn, order)),
          onMatch: (match: { all(): readonly { step: string; offset: number }[] }) => `${i} ${text(match.all())}`,
          drains: false,
        }))
        const played = play(rulesMachine(specs[0]!.compiled.order, specs) as Machine<Kind, string>, input, options)
        expect([played.parked, played.cells]).toEqual([[], []])
        for (const [i, drawn] of [a, b].entries()) {
          const alone = found(play(machineOf(drawn, order), input, options))
          const inList = found({
            ...played,
            timedOut: played.timedOut.filter((each) => (each as Ended).rule === `${i}`),
          })
          const matches = inList.matches.filter((match) => match.startsWith(`${i} `)).map((match) => match.slice(2))
          expect({ ...inList, matches }).toEqual(alone)
        }
      }
    }),
    { numRuns: numRuns / 2 },
  )
})

function withOffsets(
  { matches, timedOut }: NaiveFound,
  events: readonly (NaiveEvent & { offset: number })[],
): NaiveFound {
  const renamed = (each: string) => each.replaceAll(/:(\d+)/g, (_, i: string) => `:${events[Number(i)]!.offset}`)
  return { matches: matches.map(renamed), timedOut: timedOut.map(renamed) }
}
