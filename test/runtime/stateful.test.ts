import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, max, processor, topic } from '#millrace'
import type { TopicSink } from '../../shared/sinks/sink.ts'
import { beforePuts, Rig } from './rig.ts'

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 2,
})
const counted = topic('counted', { schema: z.object({ key: z.string(), count: z.number() }), partitions: 1 })
const perUser = processor('per-user').from(clicks).keyBy().aggregate({ count: count() }).to(counted)
const changed = processor('per-user')
  .from(clicks)
  .keyBy()
  .aggregate({ count: max(({ at }) => at) })

const perUserLater = processor('per-user')
  .from(clicks)
  .keyBy()
  .aggregate({ count: count() })
  .emit('updates', { every: 10_000 })
  .to(counted)

const click = (at: number) => ({ user: 'u', at })
const refusing: TopicSink = { append: () => Promise.reject(new Error('no broker')), close: async () => {} }

describe('a batch of a stage with state', () => {
  let rig: Rig
  const fresh = () => rig.environment('per-user')
  const batch = (from: number, to: number) => rig.batch('per-user', 0, from, to)
  /** The running counts as they stand in the output topic, repeats and all. */
  const outputs = async () => (await rig.read<{ count: number }>('counted')).map(({ count }) => count)

  beforeEach(async () => {
    rig = await Rig.of([perUser], { settings: { ring: 64, buckets: 1 } })
    rig.append('clicks', 0, 'u', ...Array.from({ length: 12 }, (_, at) => click(at)))
  })

  it('costs one write and no read while the environment is warm, whatever it holds', async () => {
    const warm = fresh()
    await warm(await batch(0, 3))
    const before = { ...rig.store.usage }
    const { partitions } = await warm(await batch(3, 12))
    expect(rig.store.usage.reads - before.reads).toBe(0)
    expect(rig.store.usage.writes - before.writes).toBe(1)
    expect(partitions).toMatchObject([{ commits: 1, bucketWrites: 0, offset: 11, counts: { read: 9, counted: 9 } }])
  })

  it('is taken once by two environments that have it at the same time', async () => {
    const other = fresh()
    await other(await batch(0, 3))
    const slower = rig.environment('per-user', ({ journal }) => {
      let raced = false
      const race = async () => {
        if (!raced) await other(await batch(3, 9)).then(() => (raced = true))
      }
      return { journal: beforePuts(journal, '.c.', race) }
    })
    const { partitions } = await slower(await batch(3, 12))
    expect(partitions).toMatchObject([{ offset: 11, totals: { read: 12, counted: 12 } }])
    expect(new Set(await outputs())).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))
  })

  it('of which the outputs did not get out is published by whoever comes next, before anything else is committed', async () => {
    const dying = rig.environment('per-user', () => ({ topics: refusing }))
    await expect(dying(await batch(0, 3))).rejects.toThrow('no broker')
    expect(await outputs()).toEqual([])
    const next = rig.environment('per-user', ({ journal }) => ({
      journal: beforePuts(journal, '.c.', async () => expect(await outputs()).toEqual([1, 2, 3])),
    }))
    await next(await batch(0, 5))
    expect(await outputs()).toEqual([1, 2, 3, 4, 5])
  })

  it('is not committed on top of outputs that do not get out', async () => {
    const dying = rig.environment('per-user', () => ({ topics: refusing }))
    await expect(dying(await batch(0, 3))).rejects.toThrow('no broker')
    const { writes } = rig.store.usage
    await expect(rig.environment('per-user', () => ({ topics: refusing }))(await batch(0, 5))).rejects.toThrow()
    expect(rig.store.usage.writes).toBe(writes)
  })

  it('leaves nothing in memory of what failed', async () => {
    let failing = true
    const warm = rig.environment('per-user', ({ topics }) => ({
      topics: { ...topics, append: (...of) => (failing ? refusing : topics).append(...of) },
    }))
    await expect(warm(await batch(0, 3))).rejects.toThrow('no broker')
    failing = false
    const { partitions } = await warm(await batch(0, 6))
    expect(partitions).toMatchObject([{ totals: { read: 6, counted: 6 } }])
  })

  it('stops when time runs out: what is done stays done, the rest comes again', async () => {
    rig.append('clicks', 0, 'u', ...Array.from({ length: 188 }, (_, n) => click(12 + n)))
    let looks = 0
    const context = { awsRequestId: 'test', getRemainingTimeInMillis: () => (++looks > 2 ? 0 : 60_000) }
    const stops = fresh()(await batch(0, 200), context)
    await expect(stops).rejects.toMatchObject({ code: 'DEADLINE', retriable: true, facts: { done: 64, of: 200 } })
    expect(await outputs()).toHaveLength(64)
    const { partitions } = await fresh()(await batch(0, 200))
    expect(partitions).toMatchObject([{ counts: { read: 136 }, totals: { read: 200, counted: 200 } }])
  })

  it('that begins after a gap is taken, and the gap is reported', async () => {
    await fresh()(await batch(0, 3))
    await fresh()(await batch(5, 12))
    expect(rig.logged).toEqual(['offset gap'])
  })

  it('of a partition that was not declared stops the stage', async () => {
    const event = await batch(0, 1)
    const records = Object.values(event.records)
      .flat()
      .map((record) => ({ ...record, partition: 2 }))
    await expect(fresh()({ ...event, records: { 'clicks-2': records } })).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
    })
  })

  it('is not folded into a state of other code: it stops and names both', async () => {
    await fresh()(await batch(0, 3))
    const other = await Rig.of([changed.to(topic('other', { schema: z.unknown(), partitions: 1 }))])
    const environment = other.environment('per-user', () => ({ journal: rig.store }))
    const stops = environment(await batch(3, 12))
    await expect(stops).rejects.toMatchObject({ code: 'STATE_SIGNATURE_CHANGED', retriable: false })
    await expect(stops).rejects.toThrow(/stored aggregate\(count=count.*running aggregate\(count=max/)
  })

  it('with several partitions fails with the failure that a retry cannot mend', async () => {
    rig.append('clicks', 1, 'u', click(1))
    const broken = { key: 'per-user.1.1.c.1', seq: 1, head: '{"format":99}', body: new Uint8Array() }
    await rig.store.put(broken, { ifAbsent: true })
    const both = { ...(await batch(0, 3)).records, ...(await rig.batch('per-user', 1)).records }
    const invocation = rig.environment('per-user', () => ({ topics: refusing }))({
      eventSource: 'aws:kafka',
      records: both,
    })
    await expect(invocation).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })
})

describe('close-windows', () => {
  it('puts out everything that is open, once, whatever its time', async () => {
    const rig = await Rig.of([perUserLater])
    rig.append('clicks', 0, 'u', click(1), click(2))
    await rig.environment('per-user')(await rig.batch('per-user', 0))
    expect(await rig.read('counted')).toEqual([])
    const close = () => rig.environment('per-user')({ millrace: 'close-windows' })
    expect((await close()).partitions[0]).toMatchObject({ commits: 1, openTimers: 0 })
    expect(await rig.read('counted')).toEqual([{ key: 'u', count: 2 }])
    expect((await close()).partitions[0]).toMatchObject({ commits: 0 })
  })
})
