import { beforeEach, describe, expect, it } from 'vitest'
import { click, IDLE_MS, perMinute, START, TICK } from './clicks.ts'
import { Rig } from './rig.ts'

describe('what the tick costs and stands', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await Rig.of([perMinute], { nowMs: START })
    rig.append('clicks', 0, 'u', click(30_000))
    await rig.environment('per-minute')(await rig.batch('per-minute', 0))
  })

  it('one read and no write, once all partitions are settled', async () => {
    const tick = rig.environment('per-minute')
    for (let n = 0; n < 5; n++) {
      await tick(TICK)
      rig.nowMs += 10 * IDLE_MS
    }
    const before = { ...rig.store.usage }
    await tick(TICK)
    expect(rig.store.usage.reads - before.reads).toBe(1)
    expect(rig.store.usage.writes - before.writes).toBe(0)
  })

  it('a partition that stops does not stop the time of the others, and is reported', async () => {
    rig.append('clicks', 2, 'u', click(30_000))
    await rig.environment('per-minute')(await rig.batch('per-minute', 2))
    const broken = {
      key: 'per-minute.1.0.c.1',
      seq: 1,
      head: '{"format":99,"ring":256,"buckets":4}',
      body: Buffer.from(''),
    }
    await rig.store.put(broken, { ifSeq: 1 })
    for (let n = 0; n < 3; n++) {
      await rig
        .environment('per-minute')(TICK)
        .catch(() => undefined)
      rig.nowMs += IDLE_MS
    }
    await expect(rig.environment('per-minute')(TICK)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
    expect(await rig.read('counted')).toHaveLength(1)
  })

  it.each(['made anew', 'gone'])('a source topic that is %s stops the stage', async (what) => {
    await rig.environment('per-minute')(TICK)
    rig.broker.deleteTopic('clicks')
    if (what === 'made anew') await rig.broker.ensureTopic({ name: 'clicks', partitions: 3 })
    await expect(rig.environment('per-minute')(TICK)).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
      retriable: false,
    })
    expect(rig.logged).toContain('source changed')
  })
})
