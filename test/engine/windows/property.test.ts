import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hopping, ms, session, sliding, tumbling } from '#millrace'
import { countsBalance } from '../../../shared/engine/counts.ts'
import type { Emission } from '../../../shared/engine/windows/emission.ts'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { type Expected, naive, naiveHopping, naiveSingle, naiveSliding } from './naive.ts'
import { naiveSessions } from './naive-session.ts'
import { type Cut, type Event, machineOf, play } from './play.ts'

const numRuns = Number(process.env.PROPERTY_RUNS ?? 1_000)

type Results = (contents: readonly Event[]) => object
interface Case {
  readonly text: string
  readonly window: Window<EmitMode>
  readonly withGrace: (graceMs: number) => Window<EmitMode>
  readonly expected: (emission: Emission, events: readonly Event[], results: Results) => Expected
}

const length = fc.integer({ min: 1, max: 15 })
const grace = fc.integer({ min: 0, max: 20 })
const families: Record<string, fc.Arbitrary<Case>> = {
  tumbling: fc.tuple(length, grace).map(([size, graceMs]) => ({
    text: `tumbling(${size}).grace(${graceMs})`,
    window: tumbling(ms(size)).grace(ms(graceMs)),
    withGrace: (each) => tumbling(ms(size)).grace(ms(each)),
    expected: (emission, events, results) =>
      naive(
        naiveSingle(
          (at) => ({ start: Math.floor(at / size) * size, end: Math.floor(at / size) * size + size }),
          graceMs,
        ),
        emission,
        events,
        results,
      ),
  })),
  // Sizes that the advance divides, and such that it does not.
  hopping: fc.tuple(length, length, grace).map(([a, b, graceMs]) => {
    const [size, advance] = [Math.max(a, b), Math.min(a, b)]
    return {
      text: `hopping(${size}, ${advance}).grace(${graceMs})`,
      window: hopping(ms(size), { advance: ms(advance) }).grace(ms(graceMs)),
      withGrace: (each) => hopping(ms(size), { advance: ms(advance) }).grace(ms(each)),
      expected: (emission, events, results) => naive(naiveHopping(size, advance, graceMs), emission, events, results),
    }
  }),
  sliding: fc.tuple(length, grace).map(([difference, graceMs]) => ({
    text: `sliding(${difference}).grace(${graceMs})`,
    window: sliding(ms(difference)).grace(ms(graceMs)),
    withGrace: (each) => sliding(ms(difference)).grace(ms(each)),
    expected: (emission, events, results) => naive(naiveSliding(difference, graceMs), emission, events, results),
  })),
  session: fc.tuple(length, grace).map(([gap, graceMs]) => ({
    text: `session(${gap}).grace(${graceMs})`,
    window: session({ gap: ms(gap) }).grace(ms(graceMs)),
    withGrace: (each) => session({ gap: ms(gap) }).grace(ms(each)),
    expected: (emission, events, results) => naiveSessions(gap, graceMs, emission, events, results),
  })),
}

const every = fc.integer({ min: 1, max: 12 })
const emissions: Record<string, fc.Arbitrary<Emission>> = {
  final: fc.constant({ final: true, updates: undefined }),
  updates: fc.constant({ final: false, updates: { everyMs: 0 } }),
  'updates every so often': every.map((everyMs) => ({ final: false, updates: { everyMs } })),
  'early and final': every.map((everyMs) => ({ final: true, updates: { everyMs } })),
}

// Mostly near the newest, so that windows stay open and some close; now and then far back or ahead.
const steps = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    step: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -8, max: 6 }) }, fc.integer({ min: -40, max: 40 })),
    n: fc.integer({ min: 1, max: 999 }),
  }),
  { maxLength: 30 },
)
const events = steps.map((list): Event[] => {
  let at = 0
  return list.map(({ key, step, n }) => {
    at = Math.max(0, at + step)
    return { key, at, n }
  })
})
const cuts = fc.array(fc.constantFrom<Cut>('none', 'commit', 'cold', 'crash'), { minLength: 1, maxLength: 8 })
const bytesMax = fc.constantFrom(1, 100, 1_000, Number.POSITIVE_INFINITY)

const resultsOf =
  (ids: boolean): Results =>
  (contents) => ({
    count: contents.length,
    sum: contents.reduce((total, { n }) => total + n, 0),
    ...(ids && { ids: { values: contents.map(({ n }) => n), more: 0 } }),
  })

describe.each(Object.entries(families))('%s windows', (_, family) => {
  it.each(Object.entries(emissions))(
    'put out (%s) what the definition says, in its order, whatever the cuts, crashes and cold starts; nothing is left',
    (_, emissionArbitrary) => {
      fc.assert(
        fc.property(
          family,
          emissionArbitrary,
          events,
          cuts,
          bytesMax,
          fc.boolean(),
          ({ window, expected }, emission, list, cutList, bytes, ids) => {
            const wanted = expected(emission, list, resultsOf(ids))
            const got = play(machineOf(window, emission, ids), list, cutList, { bytesMax: bytes })
            expect(got.outputs).toEqual(wanted.outputs)
            expect(got.counts).toMatchObject({
              read: list.length,
              counted: list.length - wanted.late,
              late: wanted.late,
              lateWindows: wanted.lateWindows,
              parked: 0,
            })
            expect(countsBalance(got.counts)).toBe(true)
            expect(got.size).toBe(0)
          },
        ),
        { numRuns },
      )
    },
    120_000,
  )

  it('put out as the last update of a window what they put out as its final result', () => {
    fc.assert(
      fc.property(family, emissions.updates!, events, fc.boolean(), ({ window }, updates, list, ids) => {
        const newest = new Map<string, string>()
        for (const each of play(machineOf(window, updates, ids), list).outputs) {
          const [key, span] = each.split(' ')
          if (each.includes(' gone ')) newest.delete(`${key} ${span}`)
          else newest.set(`${key} ${span}`, each)
        }
        const final = play(machineOf(window, { final: true, updates: undefined }, ids), list).outputs
        expect([...newest.values()].sort()).toEqual([...final].sort())
      }),
      { numRuns },
    )
  }, 60_000)

  it('come to the same whatever the order of arrival, as long as that is within the grace', () => {
    const shuffled = events.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(family, shuffled, ({ withGrace }, [list, other]) => {
        const window = withGrace(list.reduce((max, { at }) => Math.max(max, at), 0))
        const machine = machineOf(window, { final: true, updates: undefined })
        expect(play(machine, other).outputs).toEqual(play(machine, list).outputs)
      }),
      { numRuns },
    )
  }, 60_000)
})
