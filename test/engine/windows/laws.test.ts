import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hopping, ms, tumbling } from '#millrace'
import { combine } from '../../../shared/engine/aggregates/aggregate.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import { windowMachine } from '../../../shared/engine/windows/window-machine.ts'
import { definitions } from '../aggregates/definitions.ts'
import { numRuns, TIMEOUT_MS } from '../runs.ts'
import { emissions, events, type Results } from './arbitraries.ts'
import { families } from './families.ts'
import { type Event, machineOf, play } from './play.ts'

const FINAL = { final: true, updates: undefined }

/** Contents of each result, as they stand in it: key, bounds, and the numbers of its records. */
const contentsOf = (outputs: readonly string[]) =>
  outputs.map((each) => {
    const [, key, start, end, ids] = /^(\S+) (\d+)\.\.(\d+) .*values:\[([\d,]*)\]/.exec(each)!
    return { key: key!, start: Number(start), end: Number(end), ids: ids!.split(',').map(Number) }
  })

const length = fc.integer({ min: 1, max: 15 })
const grace = fc.integer({ min: 0, max: 20 })
const numbered = events.map((list) => list.map((event, i) => ({ ...event, n: i + 1 })))
const sizes = fc.oneof(
  length.map((size) => [size, size] as const),
  fc.tuple(length, length).map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const),
)
const windowOf = (size: number, advance: number, graceMs: number) =>
  size === advance
    ? tumbling(ms(size)).grace(ms(graceMs))
    : hopping(ms(size), { advance: ms(advance) }).grace(ms(graceMs))

/** For each record, the starts of the windows that span it, those first that were closed when it came. */
function judged(list: readonly Event[], size: number, advance: number, graceMs: number) {
  let now = -1
  return list.map(({ key, at, n }) => {
    now = Math.max(now, at)
    const starts = Array.from({ length: at + 1 }, (_, start) => start)
    const all = starts.filter((start) => start % advance === 0 && at < start + size)
    return { key, n, open: all.filter((start) => start + size + graceMs > now), all }
  })
}

describe('laws of windows that tumble or hop', () => {
  it(
    'each record is in every window that was open for it, and in none that was closed',
    () => {
      fc.assert(
        fc.property(sizes, grace, numbered, ([size, advance], graceMs, list) => {
          const { outputs } = play(machineOf(windowOf(size, advance, graceMs), FINAL, true), list)
          const held = contentsOf(outputs).flatMap(({ key, start, ids }) => ids.map((id) => `${key} ${start} ${id}`))
          const wanted = judged(list, size, advance, graceMs).flatMap(({ key, n, open }) =>
            open.map((start) => `${key} ${start} ${n}`),
          )
          expect(held.sort()).toEqual(wanted.sort())
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )

  it(
    'counted in results and late, per window, add up to what was read',
    () => {
      fc.assert(
        fc.property(sizes, grace, numbered, ([size, advance], graceMs, list) => {
          const { outputs, counts } = play(machineOf(windowOf(size, advance, graceMs), FINAL, true), list)
          const inResults = contentsOf(outputs).reduce((sum, { ids }) => sum + ids.length, 0)
          const fates = judged(list, size, advance, graceMs)
          const ofLate = fates.filter(({ open }) => open.length === 0).reduce((sum, { all }) => sum + all.length, 0)
          expect(inResults + counts.lateWindows + ofLate).toBe(fates.reduce((sum, { all }) => sum + all.length, 0))
          expect(counts.counted + counts.late).toBe(counts.read)
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )
})

describe('laws of windows that hold a record once', () => {
  it.each(['tumbling', 'session', 'calendar'])(
    'each record that is not late is in one final result, and lies within its bounds (%s)',
    (family) => {
      const cases = families[family]!.cases.chain((each) => fc.tuple(fc.constant(each), each.events))
      fc.assert(
        fc.property(cases, ([{ window }, list]) => {
          const distinct = list.map((event, i) => ({ ...event, n: i + 1 }))
          const { outputs, counts } = play(machineOf(window, FINAL, true), distinct)
          const held = contentsOf(outputs)
          const ids = held.flatMap((each) => each.ids)
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids.length + counts.late).toBe(list.length)
          for (const { key, start, end, ids } of held)
            for (const event of ids.map((id) => distinct[id - 1]!)) {
              expect(event.key).toBe(key)
              expect(event.at).toBeGreaterThanOrEqual(start)
              expect(event.at).toBeLessThanOrEqual(family === 'session' ? end : end - 1)
            }
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )
})

describe('every aggregate in every window', () => {
  const closing = ['tumbling', 'hopping', 'sliding', 'session'] as const

  it.each(definitions)(
    '%s is what its definition says of the records inside',
    (_, aggregate, naive) => {
      const machine = (window: Parameters<typeof windowMachine>[0], emission: Parameters<typeof windowMachine>[2]) =>
        windowMachine(window, combine<Event>({ it: aggregate }), emission) as Machine<Event, unknown>
      const results: Results = (contents) => ({ it: naive(contents) })
      const cases = fc.constantFrom(...closing).chain((family) => families[family]!.cases)
      const emission = fc.oneof(...Object.values(emissions))
      fc.assert(
        fc.property(cases, emission, events, ({ window, expected }, mode, list) => {
          const got = play(machine(window, mode), list, ['none', 'cold', 'commit'])
          expect(got.outputs).toEqual(expected(mode, list, results).outputs)
        }),
        { numRuns },
      )
    },
    TIMEOUT_MS,
  )
})
