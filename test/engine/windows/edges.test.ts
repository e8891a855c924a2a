import { describe, expect, it } from 'vitest'
import {
  calendar,
  days,
  everyRecords,
  global,
  hopping,
  lastRecords,
  ms,
  session,
  sliding,
  tumbling,
  unlimited,
} from '#millrace'
import { combine } from '../../../shared/engine/aggregates/aggregate.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import type { Emission } from '../../../shared/engine/windows/emission.ts'
import { windowLimits } from '../../../shared/engine/windows/limits.ts'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { windowMachine } from '../../../shared/engine/windows/window-machine.ts'
import { aggregates, type Event, machineOf, play } from './play.ts'
import { FINAL, played, shown, UPDATES } from './told.ts'

describe('at the edges of time', () => {
  const monthly = calendar('month', { timeZone: 'UTC' })
  const all: [name: string, window: Window<EmitMode>, emission: Emission, left: number][] = [
    ['tumbling', tumbling(ms(10)).grace(ms(0)), FINAL, 0],
    ['hopping', hopping(ms(10), { advance: ms(3) }).grace(ms(0)), FINAL, 0],
    ['sliding', sliding(ms(10)).grace(ms(0)), FINAL, 0],
    ['session', session({ gap: ms(10) }).grace(ms(0)), FINAL, 0],
    ['calendar', monthly.grace(ms(0)), FINAL, 0],
    ['everyRecords', everyRecords(2, { within: ms(10) }), FINAL, 0],
    // What never closes stays: how far the key is, and what its next result needs.
    ['unlimited', unlimited({ from: 0 }), UPDATES, 1],
    ['lastRecords', lastRecords(2, { every: 1 }), FINAL, 2],
    ['global', global({ every: ms(10) }), FINAL, 1],
  ]
  const century = days(36_525)

  it.each(all)(
    '%s: time zero, equal times and a century between: nothing is lost, and left is only what never closes',
    (_, window, emission, left) => {
      const run = played(window, emission, `0 0 1 ${century} ${century} ${century + 1}`)
      expect(run.counts).toMatchObject({ read: 6, counted: 6, late: 0, parked: 0 })
      const held = new Set(shown(run).flatMap((each) => each.split(' ')[1]!.split(',')))
      expect([...held].sort()).toEqual(['1', '2', '3', '4', '5', '6'])
      expect(run.size).toBe(left)
    },
  )

  // January 1970 ends at `days(31)`. Each window of 10 or 11 ms that holds 5 closes with a grace of 7 as its rule says.
  it.each([
    ['tumbling', tumbling(ms(10)).grace(ms(7)), 17],
    ['hopping, in the last of its windows', hopping(ms(10), { advance: ms(5) }).grace(ms(7)), 22],
    ['sliding, in the last that may hold it', sliding(ms(10)).grace(ms(7)), 23],
    ['session', session({ gap: ms(10) }).grace(ms(7)), 23],
    ['calendar', monthly.grace(ms(7)), days(31) + 7],
  ])('%s: a record at 5 is taken one ms before its window closes, and late when it does', (_, window, closesAt) => {
    expect(played(window, FINAL, `a${closesAt - 1} 5`).counts).toMatchObject({ counted: 2, late: 0 })
    expect(played(window, FINAL, `a${closesAt} 5`).counts).toMatchObject({ counted: 1, late: 1 })
  })
})

describe('a key with very many open windows', () => {
  const window = session({ gap: ms(5) }).grace(days(3_650))
  const { openPerKeyMax } = windowLimits
  const apart = (count: number): Event[] => Array.from({ length: count }, (_, i) => ({ key: 'k', at: i * 10, n: 1 }))

  it('takes 100,000 sessions, and old records into the midst of them', () => {
    const old = Array.from({ length: 1_000 }, (_, i) => ({ key: 'k', at: i * 1_000 + 3, n: 1 }))
    const { counts, size } = play(machineOf(window, FINAL), [...apart(100_000), ...old])
    expect(counts).toMatchObject({ counted: 101_000, late: 0, parked: 0, emitted: 100_000 })
    expect(size).toBe(0)
  }, 60_000)

  it('parks the record that would open one more than the bound, and goes on with those that open none', () => {
    const { counts, outputs } = play(
      machineOf(window, FINAL),
      [...apart(openPerKeyMax + 1), { key: 'k', at: 3, n: 1 }],
      ['none'],
      { close: false },
    )
    expect(counts).toMatchObject({ read: openPerKeyMax + 2, counted: openPerKeyMax + 1, parked: 1 })
    expect(outputs).toHaveLength(1)
    expect(outputs[0]).toContain('WINDOWS_TOO_MANY')
  }, 60_000)
})

describe('a result that cannot be put out', () => {
  it.each([
    ['tumbling', tumbling(ms(10)).grace(ms(0)), 1],
    ['hopping', hopping(ms(10), { advance: ms(5) }).grace(ms(0)), 2],
    ['sliding', sliding(ms(10)).grace(ms(0)), 1],
    ['session', session({ gap: ms(5) }).grace(ms(0)), 1],
  ])('%s: is parked with its cell, and the other windows of the key go out', (_, window, failing) => {
    const whole = combine(aggregates(true))
    const unlucky: typeof whole = {
      ...whole,
      result(state) {
        const result = whole.result(state)
        if ((result.ids as { values: number[] }).values.includes(13)) throw new RangeError('unlucky')
        return result
      },
    }
    const machine = windowMachine(window, unlucky, FINAL) as Machine<Event, unknown>
    const events = [20, 40, 60, 80].map((at, i) => ({ key: 'k', at, n: [1, 13, 3, 4][i]! }))
    const { outputs, size } = play(machine, events)
    const parked = outputs.filter((each) => each.includes('parkedCell'))
    expect(parked).toHaveLength(failing)
    for (const n of [1, 3, 4]) expect(outputs.filter((each) => each.includes(`values:[${n}]`))).toHaveLength(failing)
    expect(size).toBe(0)
  })
})
