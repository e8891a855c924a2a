import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, topic, tumbling } from '#millrace'
import { beforePuts, Rig } from './rig.ts'

const START = 1_800_000_000_000
const IDLE_MS = 60_000

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 3,
})
const counted = topic('counted', {
  schema: z.object({ window: z.object({ start: z.number(), end: z.number() }), count: z.number() }),
  partitions: 1,
})
const perMinute = processor('per-minute', { idleAfter: IDLE_MS })
  .from(clicks)
  .keyBy()
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(counted, { map: ({ window, count }) => ({ window, count }) })

const TICK = { millrace: 'tick' } as const
const click = (atMs: number) => ({ user: 'u', at: START + atMs })

describe('the tick', () => {
  let rig: Rig
  let tick: () => Promise<unknown>
  const counts = async () => (await rig.read<{ count: number }>('counted')).map(({ count }) => count)
  /** Takes these clicks in partition 0, `atMs` after the start. */
  const take = async (...times: number[]) => {
    const [from] = await rig.broker.endOffsets('clicks')
    rig.append('clicks', 0, 'u', ...times.map(click))
    await rig.environment('per-minute')(await rig.batch('per-minute', 0, from))
  }
  const at = (atMs: number) => {
    rig.nowMs = START + atMs
  }

  beforeEach(async () => {
    rig = await Rig.of([perMinute], { nowMs: START })
    tick = () => rig.environment('per-minute')(TICK)
  })

  it('closes windows once their partition has been silent: time is then as far on as the silence, less idleAfter', async () => {
    await take(30_000)
    await tick()
    at(IDLE_MS + 29_999)
    await tick()
    expect(await counts()).toEqual([])
    at(IDLE_MS + 30_000)
    await tick()
    expect(await counts()).toEqual([1])
  })

  it('counts the silence from when it first saw the end, however long ago the records came', async () => {
    await take(30_000)
    at(3_600_000)
    await tick()
    at(3_600_000 + IDLE_MS)
    await tick()
    expect(await counts()).toEqual([])
    at(3_600_000 + IDLE_MS + 30_000)
    await tick()
    expect(await counts()).toEqual([1])
  })

  it('begins anew to count when a record comes', async () => {
    await take(30_000)
    await tick()
    at(IDLE_MS)
    await take(31_000)
    await tick()
    at(2 * IDLE_MS + 28_999)
    await tick()
    expect(await counts()).toEqual([])
    at(2 * IDLE_MS + 29_000)
    await tick()
    expect(await counts()).toEqual([2])
  })

  it('moves time to the last timer that fires, not to now: a record of the next window is not late', async () => {
    await take(30_000)
    await tick()
    at(10 * IDLE_MS)
    await tick()
    await take(60_000)
    await tick()
    at(20 * IDLE_MS)
    await tick()
    expect(await counts()).toEqual([1, 1])
  })

  it('holds while records wait', async () => {
    await take(30_000)
    rig.append('clicks', 0, 'u', click(31_000))
    await tick()
    at(10 * IDLE_MS)
    await tick()
    expect([await counts(), rig.logged]).toEqual([[], ['tick holds']])
  })

  it('holds when a record was taken while it looked: the silence it saw is over', async () => {
    await take(30_000)
    await tick()
    at(10 * IDLE_MS)
    const whileLooking = rig.environment('per-minute', ({ journal, broker }) => ({
      broker: {
        ...broker,
        endOffsets: async (topic) => {
          const ends = await broker.endOffsets(topic)
          await take(31_000)
          return ends
        },
      },
      journal,
    }))
    await whileLooking(TICK)
    expect(await counts()).toEqual([])
    await take(59_000)
    await tick()
    at(20 * IDLE_MS)
    await tick()
    expect(await counts()).toEqual([3])
  })

  it('publishes what a dead invocation has committed and not published', async () => {
    rig.append('clicks', 0, 'u', click(30_000), click(60_000))
    const dying = rig.environment('per-minute', () => ({
      topics: { append: () => Promise.reject(new Error('killed')), close: async () => {} },
    }))
    await expect(dying(await rig.batch('per-minute', 0))).rejects.toThrow('killed')
    await tick()
    at(IDLE_MS)
    await tick()
    expect(await counts()).toEqual([1])
  })

  it('does not publish again what it knows to be published', async () => {
    await take(30_000, 60_000)
    await tick()
    at(IDLE_MS)
    await tick()
    expect(await counts()).toEqual([1, 1])
    rig.append('clicks', 0, 'u', click(60_001))
    await rig.environment('per-minute')(await rig.batch('per-minute', 0, 2))
    expect(await counts()).toEqual([1, 1])
  })

  it('of two at once lets one win, and no window closes twice', async () => {
    await take(30_000)
    await tick()
    at(10 * IDLE_MS)
    const racing = rig.environment('per-minute', ({ journal }) => ({ journal: beforePuts(journal, '.c.', tick) }))
    await racing(TICK)
    await tick()
    expect(await counts()).toEqual([1])
  })
})

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
