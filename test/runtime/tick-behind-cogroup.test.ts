import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, topic, tumbling } from '#millrace'
import { Rig } from './rig.ts'

const START = 1_800_000_000_000
const IDLE_MS = 60_000
const TICK = { millrace: 'tick' } as const

const source = (name: string, partitions: number) =>
  topic(name, { schema: z.object({ user: z.string(), at: z.number() }), time: ({ at }) => at, partitions })
const [clicks, calls] = [source('clicks', 2), source('calls', 1)]
const contacts = topic('contacts', {
  schema: z.object({ start: z.number(), count: z.number() }),
  partitions: 1,
})
const perMinute = processor('contact', { idleAfter: IDLE_MS })
  .cogroup({
    click: (from) => from.from(clicks).keyBy(({ user }) => user),
    call: (from) => from.from(calls).keyBy(({ user }) => user),
  })
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(contacts, { map: ({ window, count }) => ({ start: window.start - START, count }) })

describe('the tick behind several sources', () => {
  let rig: Rig
  const outputs = () => rig.read<{ start: number; count: number }>('contacts')
  const tick = async (atMs: number) => {
    rig.nowMs = START + atMs
    await rig.environment('contact')(TICK)
  }
  const through = async (id: string) => {
    const { source, group } = rig.stage(id)
    for (let partition = 0; partition < source.partitions; partition++) {
      const from = (await rig.broker.committed(group, source.name))[partition]?.offset ?? 0
      const to = (await rig.broker.endOffsets(source.name))[partition]!
      if (from === to) continue
      await rig.environment(id)(await rig.batch(id, partition, from, to))
      await rig.commit(id, partition, to)
    }
  }
  const append = (name: 'clicks' | 'calls', partition: number, atMs: number) =>
    rig.append(name, partition, 'k', { user: 'u', at: START + atMs })
  /** One record of the source, taken through both stages. */
  const record = async (name: 'clicks' | 'calls', partition: number, atMs: number) => {
    append(name, partition, atMs)
    await through(`contact-rekey-${name.slice(0, -1)}`)
    await through('contact')
  }

  beforeEach(async () => {
    rig = await Rig.of([perMinute], { nowMs: START, settings: { ring: 8, buckets: 2 } })
    await record('clicks', 0, 10_000)
    await record('clicks', 1, 10_000)
    await record('calls', 0, 10_000)
  })

  it('time is that of the partition that lags most, of whatever source', async () => {
    for (const partition of [0, 1]) await record('clicks', partition, 200_000)
    expect(await outputs()).toEqual([])
    await record('calls', 0, 59_999)
    expect(await outputs()).toEqual([])
    await record('calls', 0, 60_000)
    expect(await outputs()).toEqual([{ start: 0, count: 4 }])
  })

  it('a silent source holds the windows of the other until it has been drained for idleAfter, no longer', async () => {
    for (const partition of [0, 1]) await record('clicks', partition, 200_000)
    await tick(0)
    // The other source goes on, so that only the silence of this one can be what lets time pass.
    for (const partition of [0, 1]) await record('clicks', partition, 200_001)
    await tick(IDLE_MS - 1)
    expect(await outputs()).toEqual([])
    await tick(IDLE_MS)
    expect(await outputs()).toEqual([{ start: 0, count: 3 }])
  })

  it('a source whose records have not come through yet holds them', async () => {
    for (const partition of [0, 1]) await record('clicks', partition, 200_000)
    append('calls', 0, 20_000)
    await tick(0)
    await tick(10 * IDLE_MS)
    expect(await outputs()).toEqual([])
    await through('contact-rekey-call')
    await through('contact')
    await tick(10 * IDLE_MS)
    await tick(11 * IDLE_MS)
    expect(await outputs()).toContainEqual({ start: 0, count: 4 })
  })

  it('everything closes in the end when all sources are silent', async () => {
    await record('calls', 0, 130_000)
    for (const times of [0, 1, 2, 3, 4]) await tick(times * IDLE_MS)
    expect(await outputs()).toEqual([
      { start: 0, count: 3 },
      { start: 120_000, count: 1 },
    ])
  })

  it.each(['clicks', 'calls'])('stops when %s was made anew', async (name) => {
    await tick(0)
    rig.broker.deleteTopic(name)
    await rig.broker.ensureTopic({ name, partitions: name === 'clicks' ? 2 : 1 })
    await expect(tick(1)).rejects.toMatchObject({ code: 'SOURCE_CHANGED', retriable: false })
  })

  it('parks what claims to come from another stage', async () => {
    const from = async (lane: string) => {
      const value = Buffer.from(JSON.stringify({ source: 'call', value: { user: 'u', at: START } }))
      const headers = [['mr', Buffer.from(`${lane};9.0;${START + 20_000}`)]] as [string, Buffer][]
      const record = {
        key: Buffer.from('u'),
        value,
        headers,
        timestampMs: START,
        timestampType: 'CREATE_TIME' as const,
      }
      rig.broker.append('millrace.contact.1.rekey', 0, [record])
      await through('contact')
      // An environment that starts puts out once more what it finds was parked last.
      const parked = await rig.read<{ id: string; reason: string }>('millrace-parked')
      return [...new Map(parked.map(({ id, reason }) => [id, reason])).values()]
    }
    expect(await from('contact.1.rekey-call.0')).toEqual([])
    expect(await from('other.1.main.3>contact.1.rekey-click.1')).toEqual([])
    expect(await from('contact.1.rekey-call.1')).toEqual(['HEADER_INVALID'])
    expect(await from('contact.1.rekey.0')).toEqual(['HEADER_INVALID', 'HEADER_INVALID'])
  })
})
