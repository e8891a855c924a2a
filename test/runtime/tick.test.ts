import { beforeEach, describe, expect, it } from 'vitest'
import { click, IDLE_MS, perMinute, START, TICK } from './clicks.ts'
import { beforePuts, Rig } from './rig.ts'

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
