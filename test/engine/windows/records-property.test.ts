import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { everyRecords, global, lastRecords, ms } from '#millrace'
import { countsBalance } from '../../../shared/engine/counts.ts'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { numRuns, TIMEOUT_MS } from '../runs.ts'
import { bytesMax, cuts, events, type Results, resultsOf, shuffled } from './arbitraries.ts'
import { naiveEvery, naiveGlobal, naiveLast } from './naive-records.ts'
import { type Event, machineOf, play } from './play.ts'

interface Case {
  readonly [fc.toStringMethod]: () => string
  readonly window: Window<EmitMode>
  readonly expected: (events: readonly Event[], results: Results) => string[]
  /** Cells that may be left when nothing more comes, and everything that time can move has gone out. */
  readonly leftMax: (events: readonly Event[]) => number
}

const records = fc.integer({ min: 1, max: 9 })
const span = fc.integer({ min: 1, max: 12 })
const keysOf = (list: readonly Event[]): number => new Set(list.map(({ key }) => key)).size
const named = (name: string, ...options: unknown[]) => ({ [fc.toStringMethod]: () => `${name}(${options.join(', ')})` })

const kinds: Record<string, fc.Arbitrary<Case>> = {
  'every so many records': records.map((n) => ({
    ...named('everyRecords', n),
    window: everyRecords(n),
    expected: (list, results) => naiveEvery(n, undefined, list, results),
    leftMax: keysOf,
  })),
  'every so many records within a time': fc.tuple(records, span).map(([n, within]) => ({
    ...named('everyRecords', n, within),
    window: everyRecords(n, { within: ms(within) }),
    expected: (list, results) => naiveEvery(n, within, list, results),
    leftMax: () => 0,
  })),
  'the last so many records': fc.tuple(records, records).map(([a, b]) => {
    const [n, every] = [Math.max(a, b), Math.min(a, b)]
    return {
      ...named('lastRecords', n, every),
      window: lastRecords(n, { every }),
      expected: (list: readonly Event[], results: Results) => naiveLast(n, every, list, results),
      // How many there were, and no more parts than there are records that the next window may need.
      leftMax: (list: readonly Event[]) => keysOf(list) * (1 + n),
    }
  }),
  'everything after so many records': fc.integer({ min: 2, max: 9 }).map((n) => ({
    ...named('global', n),
    window: global({ afterRecords: n }),
    expected: (list, results) => naiveGlobal(n, undefined, list, results),
    leftMax: keysOf,
  })),
  'everything so long after a change': span.map((every) => ({
    ...named('global', undefined, every),
    window: global({ every: ms(every) }),
    expected: (list, results) => naiveGlobal(undefined, every, list, results),
    leftMax: keysOf,
  })),
  'everything after records or time': fc.tuple(fc.integer({ min: 2, max: 9 }), span).map(([n, every]) => ({
    ...named('global', n, every),
    window: global({ afterRecords: n, every: ms(every) }),
    expected: (list, results) => naiveGlobal(n, every, list, results),
    leftMax: keysOf,
  })),
}

describe.each(Object.entries(kinds))('windows of %s', (_, cases) => {
  const machine = ({ window }: Case, ids: boolean) => machineOf(window, { final: true, updates: undefined }, ids)

  it(
    'put out what the definition says, in its order, whatever the cuts, crashes and cold starts; nothing is late',
    () => {
      fc.assert(
        fc.property(cases, events, cuts, bytesMax, fc.boolean(), (each, list, cutList, bytes, ids) => {
          const got = play(machine(each, ids), list, cutList, { bytesMax: bytes })
          expect(got.outputs).toEqual(each.expected(list, resultsOf(ids)))
          expect(got.counts).toMatchObject({
            read: list.length,
            counted: list.length,
            late: 0,
            lateWindows: 0,
            parked: 0,
          })
          expect(countsBalance(got.counts)).toBe(true)
          expect(got.size).toBeLessThanOrEqual(each.leftMax(list))
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )
})

describe('windows by number', () => {
  const byNumber = fc.oneof(kinds['every so many records']!, kinds['the last so many records']!)

  it(
    'do not look at event time: records of other times make the same windows',
    () => {
      const spans = (outputs: readonly string[]) => outputs.map((each) => each.replace(/ @\d+$/, ''))
      fc.assert(
        fc.property(byNumber, shuffled(events), ({ window }, [list, other]) => {
          const final = machineOf(window, { final: true, updates: undefined }, true)
          const retimed = list.map((event, i) => ({ ...event, at: other[i]!.at }))
          expect(spans(play(final, retimed).outputs)).toEqual(spans(play(final, list).outputs))
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )
})
