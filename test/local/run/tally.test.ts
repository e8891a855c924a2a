import { describe, expect, it } from 'vitest'
import { type Totals, zeroTotals } from '../../../local/emulator/totals.ts'
import { imbalance, tally } from '../../../local/run/tally.ts'
import type { Counts } from '../../../shared/engine/counts.ts'

const totals = (counts: Partial<Counts>, rest: Partial<Totals> = {}): Totals => {
  const zero = zeroTotals()
  return { ...zero, ...rest, counts: { ...zero.counts, ...counts } }
}

const rekey = totals(
  { read: 100, counted: 90, filtered: 6, parked: 3, duplicatesDropped: 1, emitted: 90 },
  { batches: 4 },
)
const main = totals(
  { read: 92, counted: 85, filtered: 0, late: 4, parked: 1, duplicatesDropped: 2, emitted: 7, lateWindows: 3 },
  { batches: 5, commits: 6, openTimers: 9 },
)

describe('the counts of a processor', () => {
  it('are those of its stage when it has one', () => {
    expect(tally([{ name: 'main', totals: main }])).toMatchObject({ read: 92, counted: 85, commits: 6, openTimers: 9 })
  })

  it('of a re-key are of source records, each once: the second stage goes on where the first one ends', () => {
    const sum = tally([
      { name: 'rekey', totals: rekey },
      { name: 'main', totals: main },
    ])
    expect(sum).toMatchObject({ read: 100, counted: 85, filtered: 6, late: 4, parked: 4, duplicatesDropped: 1 })
    expect(sum).toMatchObject({ emitted: 7, lateWindows: 3, batches: 9, commits: 6 })
    const halves = [
      {
        name: 'rekey-a' as const,
        totals: totals(
          { read: 60, counted: 50, filtered: 6, parked: 3, duplicatesDropped: 1, emitted: 50 },
          { batches: 3 },
        ),
      },
      { name: 'rekey-b' as const, totals: totals({ read: 40, counted: 40, emitted: 40 }, { batches: 1 }) },
    ]
    expect(tally([...halves, { name: 'main', totals: main }])).toEqual(sum)
    expect(imbalance([...halves, { name: 'main', totals: main }])).toBeUndefined()
    expect(sum.read).toBe(sum.counted + sum.filtered + sum.late + sum.parked + sum.duplicatesDropped)
  })
})

describe('counts that do not add up', () => {
  it('are told of, by stage', () => {
    expect(imbalance([{ name: 'main', totals: main }])).toBeUndefined()
    expect(imbalance([{ name: 'main', totals: totals({ read: 5, counted: 4 }) }])).toMatch(
      /stage main read 5.*counted 4/,
    )
  })

  it('are also records that get lost between the stages of a re-key', () => {
    const both = (emitted: number) => [
      { name: 'rekey' as const, totals: { ...rekey, counts: { ...rekey.counts, emitted } } },
      { name: 'main' as const, totals: main },
    ]
    expect(imbalance(both(90))).toBeUndefined()
    expect(imbalance(both(91))).toMatch(/put out 91.*took 90/)
  })
})
