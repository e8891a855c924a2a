import fc from 'fast-check'
import type { Emission } from '../../../shared/engine/windows/emission.ts'
import type { Cut, Event } from './play.ts'

/** What the records of a window come to, by definition. */
export type Results = (contents: readonly Event[]) => object

const every = fc.integer({ min: 1, max: 12 })
export const emissions = {
  final: fc.constant<Emission>({ final: true, updates: undefined }),
  updates: fc.constant<Emission>({ final: false, updates: { everyMs: 0 } }),
  'updates every so often': every.map((everyMs): Emission => ({ final: false, updates: { everyMs } })),
  'early and final': every.map((everyMs): Emission => ({ final: true, updates: { everyMs } })),
}
export type EmissionName = keyof typeof emissions

// Mostly near the newest, so that windows stay open and some close; now and then far back or ahead.
const steps = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    step: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -8, max: 6 }) }, fc.integer({ min: -40, max: 40 })),
    n: fc.integer({ min: 1, max: 999 }),
  }),
  { maxLength: 30 },
)

/** Records of two keys, mostly a few units apart, never before `from`. */
export const eventsFrom = (from: number, unitMs: number): fc.Arbitrary<Event[]> =>
  steps.map((list): Event[] => {
    let at = from
    return list.map(({ key, step, n }) => {
      at = Math.max(from, at + step * unitMs)
      return { key, at, n }
    })
  })
export const events = eventsFrom(0, 1)

export const cuts = fc.array(fc.constantFrom<Cut>('none', 'commit', 'cold', 'crash'), { minLength: 1, maxLength: 8 })
export const bytesMax = fc.constantFrom(1, 100, 1_000, Number.POSITIVE_INFINITY)

/** A list, and the same records in another order of arrival. */
export const shuffled = (list: fc.Arbitrary<Event[]>): fc.Arbitrary<[Event[], Event[]]> =>
  list.chain((each) => fc.tuple(fc.constant(each), fc.shuffledSubarray(each, { minLength: each.length })))

export const resultsOf =
  (ids: boolean): Results =>
  (contents) => ({
    count: contents.length,
    sum: contents.reduce((total, { n }) => total + n, 0),
    ...(ids && { ids: { values: contents.map(({ n }) => n), more: 0 } }),
  })
