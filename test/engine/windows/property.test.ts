import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countsBalance } from '../../../shared/engine/counts.ts'
import { numRuns, TIMEOUT_MS } from '../runs.ts'
import { bytesMax, cuts, emissions, resultsOf, shuffled } from './arbitraries.ts'
import { type Case, families } from './families.ts'
import { type Event, machineOf, play } from './play.ts'

const FINAL = { final: true, updates: undefined }
const UPDATES = { final: false, updates: { everyMs: 0 } }
const withEvents = (cases: fc.Arbitrary<Case>): fc.Arbitrary<[Case, Event[]]> =>
  cases.chain((each) => fc.tuple(fc.constant(each), each.events))

/** The newest output of each key and window that is not deleted. */
function newestOf(outputs: readonly string[]): string[] {
  const newest = new Map<string, string>()
  for (const each of outputs) {
    const [key, span] = each.split(' ')
    if (each.includes(' gone ')) newest.delete(`${key} ${span}`)
    else newest.set(`${key} ${span}`, each)
  }
  return [...newest.values()].sort()
}

describe.each(Object.entries(families))('%s windows', (_, { cases, emissions: modes }) => {
  it.each(modes)(
    'put out (%s) what the definition says, in its order, whatever the cuts, crashes and cold starts; nothing is left',
    (mode) => {
      fc.assert(
        fc.property(
          withEvents(cases),
          emissions[mode],
          cuts,
          bytesMax,
          fc.boolean(),
          ([{ window, expected, left }, list], emission, cutList, bytes, ids) => {
            const wanted = expected(emission, list, resultsOf(ids))
            const got = play(machineOf(window, emission, ids), list, cutList, { bytesMax: bytes })
            expect(got.outputs).toEqual(wanted.outputs)
            expect(got.counts).toMatchObject({
              read: list.length,
              counted: list.length - wanted.late - wanted.filtered,
              filtered: wanted.filtered,
              late: wanted.late,
              lateWindows: wanted.lateWindows,
              parked: 0,
            })
            expect(countsBalance(got.counts)).toBe(true)
            expect(got.size).toBe(left(list))
          },
        ),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )

  it.each(modes.filter((mode) => mode === 'final'))(
    'put out as the last update of a window what they put out as its %s result',
    () => {
      fc.assert(
        fc.property(withEvents(cases), fc.boolean(), ([{ window }, list], ids) => {
          const updates = play(machineOf(window, UPDATES, ids), list).outputs
          const final = play(machineOf(window, FINAL, ids), list).outputs
          expect(newestOf(updates)).toEqual([...final].sort())
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )

  it(
    'come to the same whatever the order of arrival, as long as that is within the grace',
    () => {
      const both = cases.chain((each) => fc.tuple(fc.constant(each), shuffled(each.events)))
      fc.assert(
        fc.property(both, ([{ window, withGrace }, [list, other]]) => {
          const enough = withGrace?.(list.reduce((max, { at }) => Math.max(max, at), 0)) ?? window
          const machine = machineOf(enough, withGrace === undefined ? UPDATES : FINAL)
          expect(newestOf(play(machine, other).outputs)).toEqual(newestOf(play(machine, list).outputs))
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )
})
