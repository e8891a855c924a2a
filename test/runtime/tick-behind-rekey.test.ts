import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, topic, tumbling } from '#millrace'
import { Rig } from './rig.ts'

const START = 1_800_000_000_000
const IDLE_MS = 60_000
const TICK = { millrace: 'tick' } as const
const [UPSTREAM, MAIN, INTERNAL] = ['per-page-rekey', 'per-page', 'millrace.per-page.1.rekey']

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), page: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 2,
})
const counted = topic('counted', { schema: z.object({ page: z.string(), count: z.number() }), partitions: 1 })
const perPage = processor('per-page', { idleAfter: IDLE_MS })
  .from(clicks)
  .keyBy((click) => click.page)
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(counted, { map: ({ key, count }) => ({ page: key, count }) })

describe('the tick behind a re-key', () => {
  let rig: Rig
  const main = (event: Parameters<ReturnType<Rig['environment']>>[0]) => rig.environment(MAIN)(event)
  const outputs = () => rig.read<{ page: string; count: number }>('counted')
  const at = (atMs: number) => {
    rig.nowMs = START + atMs
  }
  /** One click of the user in this source partition, taken through both stages. */
  const click = async (lane: number, atMs: number, page = 'home') => {
    rig.append('clicks', lane, `user-${lane}`, { user: `user-${lane}`, page, at: START + atMs })
    await throughUpstream(lane)
    await throughMain()
  }
  const throughUpstream = async (lane: number) => {
    const from = (await rig.broker.committed(rig.stage(UPSTREAM).group, 'clicks'))[lane]?.offset ?? 0
    const to = (await rig.broker.endOffsets('clicks'))[lane]!
    if (from === to) return
    await rig.environment(UPSTREAM)(await rig.batch(UPSTREAM, lane, from, to))
    await rig.commit(UPSTREAM, lane, to)
  }
  const throughMain = async () => {
    for (const partition of [0, 1]) {
      const from = (await rig.broker.committed(rig.stage(MAIN).group, INTERNAL))[partition]?.offset ?? 0
      const to = (await rig.broker.endOffsets(INTERNAL))[partition]!
      if (from === to) continue
      await main(await rig.batch(MAIN, partition, from, to))
      await rig.commit(MAIN, partition, to)
    }
  }

  beforeEach(async () => {
    rig = await Rig.of([perPage], { nowMs: START, settings: { ring: 8, buckets: 2 } })
  })

  it('lets time pass a source partition that has been drained for idleAfter', async () => {
    await click(0, 10_000)
    await click(1, 10_000)
    await click(0, 200_000)
    await main(TICK)
    at(IDLE_MS - 1)
    await click(0, 200_001)
    await main(TICK)
    expect(await outputs()).toEqual([])
    at(IDLE_MS)
    await main(TICK)
    expect(await outputs()).toEqual([{ page: 'home', count: 2 }])
  })

  it('holds for a source partition whose records have not come through yet', async () => {
    await click(0, 10_000)
    await click(0, 200_000)
    rig.append('clicks', 1, 'user-1', { user: 'user-1', page: 'home', at: START + 11_000 })
    await main(TICK)
    at(10 * IDLE_MS)
    await main(TICK)
    expect(await outputs()).toEqual([])
    await throughUpstream(1)
    await throughMain()
    await main(TICK)
    at(20 * IDLE_MS)
    await main(TICK)
    expect(await outputs()).toContainEqual({ page: 'home', count: 2 })
  })

  it('lets time pass an idle source partition also while records of others wait, as they always do in a busy stage', async () => {
    await click(0, 10_000)
    await click(1, 10_000)
    await main(TICK)
    // What stood there at the last tick has come through; what has come since has not.
    await click(0, 70_000)
    rig.append('clicks', 0, 'user-0', { user: 'user-0', page: 'home', at: START + 200_000 })
    at(IDLE_MS)
    await throughUpstream(0)
    await main(TICK)
    expect(await outputs()).toEqual([{ page: 'home', count: 2 }])
    expect(rig.logged).not.toContain('tick holds')
    // The records that waited are taken as usual, and what they open closes in the end.
    await throughMain()
    for (const atMs of [2 * IDLE_MS, 3 * IDLE_MS, 4 * IDLE_MS, 5 * IDLE_MS]) {
      at(atMs)
      await main(TICK)
    }
    expect((await outputs()).slice(-2)).toEqual([1, 1].map((count) => ({ page: 'home', count })))
  })

  it('holds for an idle source partition of which something has not come through, whatever else has', async () => {
    await click(0, 10_000)
    await click(1, 10_000)
    // Both have been read upstream, and wait in the internal topic.
    for (const lane of [0, 1])
      rig.append('clicks', lane, `user-${lane}`, {
        user: `user-${lane}`,
        page: 'home',
        at: START + 11_000 + 200_000 * (1 - lane),
      })
    await throughUpstream(1)
    await throughUpstream(0)
    await main(TICK)
    at(IDLE_MS)
    await main(TICK)
    expect(await outputs()).toEqual([])
    await throughMain()
    await main(TICK)
    expect(await outputs()).toEqual([{ page: 'home', count: 3 }])
  })

  it('closes everything in the end when all source partitions are silent', async () => {
    await click(0, 10_000)
    await click(1, 70_000, 'about')
    await main(TICK)
    at(IDLE_MS)
    await main(TICK)
    at(3 * IDLE_MS)
    await main(TICK)
    expect(await outputs()).toEqual([
      { page: 'home', count: 1 },
      { page: 'about', count: 1 },
    ])
  })

  it('closes everything in the end also when a source partition was never heard of', async () => {
    await click(0, 10_000)
    for (const atMs of [0, IDLE_MS, 2 * IDLE_MS, 3 * IDLE_MS]) {
      at(atMs)
      await main(TICK)
    }
    expect(await outputs()).toEqual([{ page: 'home', count: 1 }])
  })

  it('does not call a source partition idle that was heard of while it looked', async () => {
    await click(0, 10_000)
    await click(1, 10_000)
    await main(TICK)
    at(IDLE_MS)
    await click(0, 40_000)
    let looked = false
    const whileLooking = rig.environment(MAIN, ({ broker }) => ({
      broker: {
        ...broker,
        endOffsets: async (name) => {
          const ends = await broker.endOffsets(name)
          if (name === INTERNAL && !looked) {
            looked = true
            await click(1, 30_000)
          }
          return ends
        },
      },
    }))
    await whileLooking(TICK)
    await click(0, 200_000)
    // The partition at 30 s holds the window open for its next record.
    await click(1, 31_000)
    await main(TICK)
    at(10 * IDLE_MS)
    await main(TICK)
    expect(await outputs()).toContainEqual({ page: 'home', count: 5 })
  })

  it('lets time pass idle source partitions also when the timers that are due fill several commits', async () => {
    rig = await Rig.of([perPage], { nowMs: START, settings: { ring: 8, buckets: 2, commitBytesMax: 1_200 } })
    // Names that cannot be compressed.
    for (let n = 0; n < 40; n++) await click(0, 10_000 + n, createHash('sha256').update(`${n}`).digest('base64'))
    await click(1, 10_000, 'page of the other lane')
    await click(0, 200_000, 'later')
    await main(TICK)
    at(IDLE_MS)
    await click(0, 200_001, 'later')
    const { partitions } = await main(TICK)
    expect(partitions.every(({ commits }) => commits > 1)).toBe(true)
    expect(await outputs()).toHaveLength(41)
    await click(0, 300_000, 'last')
    expect(await outputs()).toContainEqual({ page: 'later', count: 2 })
  })

  it.each(['made anew', 'gone'])(
    'stops when the source of the stage above is %s: its records would be taken for repeats',
    async (what) => {
      await click(0, 10_000)
      await main(TICK)
      rig.broker.deleteTopic('clicks')
      if (what === 'made anew') await rig.broker.ensureTopic({ name: 'clicks', partitions: 2 })
      await expect(main(TICK)).rejects.toMatchObject({ code: 'SOURCE_CHANGED', retriable: false })
    },
  )
})
