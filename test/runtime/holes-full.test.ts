import { afterEach, expect, it } from 'vitest'
import { foldLimits } from '../../shared/engine/fold-spec.ts'
import { click, perMinute, START } from './clicks.ts'
import { Rig } from './rig.ts'

const { holesMax } = foldLimits
afterEach(() => {
  foldLimits.holesMax = holesMax
})

it('where no room is left to park, what came before is committed once, and the partition stops there and says so', async () => {
  foldLimits.holesMax = 2
  const rig = await Rig.of([perMinute], { nowMs: START })
  const bad = { at: START }
  rig.append('clicks', 0, 'u', bad, click(0), bad, click(1), bad, click(2))
  rig.append('clicks', 1, 'u', click(0), bad)
  const batch = async () => ({
    eventSource: 'aws:kafka' as const,
    records: { ...(await rig.batch('per-minute', 0)).records, ...(await rig.batch('per-minute', 1)).records },
  })
  for (let n = 0; n < 3; n++) {
    await expect(rig.environment('per-minute')(await batch())).rejects.toMatchObject({
      code: 'HOLES_FULL',
      retriable: false,
    })
    expect(rig.logged.filter((what) => what === 'no room to park')).toHaveLength(n + 1)
    // Of the partition itself: offsets 0 to 3, once. The other one is whole.
    const head = [...(await rig.store.read(['per-minute.1.0.c.1', 'per-minute.1.0.c.2'])).values()].map(
      (item) => JSON.parse(item.head) as { offset: number; counts: object },
    )
    expect(head).toMatchObject([{ offset: 3, counts: { read: 4, counted: 2, parked: 2 } }])
  }
  // Mended (here: room was made), it goes on where it stopped.
  foldLimits.holesMax = 10
  const { partitions } = await rig.environment('per-minute')(await batch())
  expect(partitions.map(({ totals }) => [totals.read, totals.counted, totals.parked])).toEqual([
    [6, 3, 3],
    [2, 1, 1],
  ])
})
