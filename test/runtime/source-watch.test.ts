import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, processor, topic } from '#millrace'
import type { Broker } from '../../shared/broker/broker.ts'
import { MillraceError } from '../../shared/errors.ts'
import type { Log } from '../../shared/runtime/ports.ts'
import { Rig } from './rig.ts'

const orders = topic('orders', {
  schema: z.object({ id: z.string(), at: z.number() }),
  key: (order) => order.id,
  partitions: 2,
})
const copies = topic('copies', { schema: orders.schema, key: (order) => order.id, partitions: 1 })
const counts = topic('counts', { schema: z.object({ key: z.string(), count: z.number() }), partitions: 1 })
const copied = processor('copied').from(orders).to(copies)
const counted = processor('counted').from(orders).keyBy().aggregate({ count: count() }).to(counts)

const order = (n: number) => ({ id: 'o', at: n })
const GONE = { code: 'SOURCE_CHANGED', message: expect.stringContaining('the topic orders was made anew') }

/** Orders 0 to 4 in partition 0. */
async function five() {
  const rig = await Rig.of([copied, counted])
  const append = (amount: number) => rig.append('orders', 0, 'o', ...Array.from({ length: amount }, (_, n) => order(n)))
  append(5)
  const anew = async () => {
    rig.broker.deleteTopic('orders')
    await rig.broker.ensureTopic({ name: 'orders', partitions: 2 })
    append(9)
  }
  const metrics: unknown[] = []
  const log: Log = (_, event) => void (event.metrics !== undefined && metrics.push(event.metrics))
  return { rig, anew, metrics, log }
}

/** The broker, and what was asked of it. */
function counting(broker: Broker) {
  const asked: string[] = []
  const note = <Name extends 'describe' | 'startOffsets' | 'committed'>(name: Name) =>
    ((...given: Parameters<Broker[Name]>) => {
      asked.push(name)
      return (broker[name] as (...all: unknown[]) => unknown)(...given)
    }) as Broker[Name]
  return {
    asked,
    broker: { ...broker, describe: note('describe'), startOffsets: note('startOffsets'), committed: note('committed') },
  }
}

describe('a stage without state', () => {
  it('reports what its group has not read and the topic has no more, when its environment begins', async () => {
    const { rig, metrics, log } = await five()
    await rig.commit('copied', 0, 2)
    rig.broker.deleteRecordsBefore('orders', 0, 4)
    const invoke = rig.environment('copied', () => ({ log }))
    await invoke(await rig.batch('copied', 0, 4))
    await invoke(await rig.batch('copied', 0, 4))
    expect(metrics).toEqual([{ OffsetGap: 2 }])
  })

  it.each([
    { title: 'is all there', committed: 2, begins: 2 },
    { title: 'was never committed', committed: undefined, begins: 3 },
  ])('reports nothing where what it has not read $title', async ({ committed, begins }) => {
    const { rig, metrics, log } = await five()
    if (committed !== undefined) await rig.commit('copied', 0, committed)
    rig.broker.deleteRecordsBefore('orders', 0, begins)
    await rig.environment('copied', () => ({ log }))(await rig.batch('copied', 0, 4))
    expect(metrics).toEqual([])
  })

  it('stops where offsets go back because the topic was made anew, for as long as its environment lives', async () => {
    const { rig, anew, metrics, log } = await five()
    const invoke = rig.environment('copied', () => ({ log }))
    await invoke(await rig.batch('copied', 0))
    await anew()
    for (const from of [0, 0, 7]) await expect(invoke(await rig.batch('copied', 0, from))).rejects.toMatchObject(GONE)
    expect(metrics).toEqual(Array(3).fill({ SourceChanged: 1 }))
    expect(await rig.read('copies')).toHaveLength(5)
  })

  it('takes a batch that comes again', async () => {
    const { rig, metrics, log } = await five()
    const invoke = rig.environment('copied', () => ({ log }))
    for (const from of [0, 0, 3]) await invoke(await rig.batch('copied', 0, from))
    expect(metrics).toEqual([])
  })

  it('asks the broker once, and again only where offsets go back', async () => {
    const { rig } = await five()
    const { asked, broker } = counting(rig.broker)
    const invoke = rig.environment('copied', () => ({ broker }))
    for (const [from, to] of [[0, 2] as const, [2, 3] as const, [3, 5] as const, [3, 5] as const])
      await invoke(await rig.batch('copied', 0, from, to))
    expect(asked).toEqual(['describe', 'startOffsets', 'committed', 'describe'])
  })
})

describe('a stage with state', () => {
  it('notices a topic that was made anew before the first tick', async () => {
    const { rig, anew, metrics, log } = await five()
    await rig.environment('counted')(await rig.batch('counted', 0))
    await anew()
    const batch = await rig.batch('counted', 0, 5)
    await expect(rig.environment('counted', () => ({ log }))(batch)).rejects.toMatchObject(GONE)
    expect(metrics).toEqual([{ SourceChanged: 1 }])
  })

  it('notices it in a warm environment where the batch begins before what is applied', async () => {
    const { rig, anew } = await five()
    const invoke = rig.environment('counted')
    await invoke(await rig.batch('counted', 0))
    await anew()
    await expect(invoke(await rig.batch('counted', 0, 0, 2))).rejects.toMatchObject(GONE)
  })

  it('notices that a topic was made anew from which the stage upstream fills the one that it reads', async () => {
    const rekeyed = processor('rekeyed')
      .from(orders)
      .keyBy(({ id }) => `${id}!`)
      .aggregate({ count: count() })
      .to(counts)
    const rig = await Rig.of([rekeyed])
    rig.append('orders', 0, 'o', order(0))
    await rig.environment('rekeyed-rekey')(await rig.batch('rekeyed-rekey', 0))
    const internal = rig.stage('rekeyed').source.name
    const partition = (await rig.broker.endOffsets(internal)).findIndex((end) => end > 0)
    await rig.environment('rekeyed')(await rig.batch('rekeyed', partition))
    rig.broker.deleteTopic('orders')
    await rig.broker.ensureTopic({ name: 'orders', partitions: 2 })
    const again = rig.environment('rekeyed')(await rig.batch('rekeyed', partition))
    await expect(again).rejects.toMatchObject(GONE)
  })

  it('asks the broker once an environment, for all of its partitions', async () => {
    const { rig } = await five()
    rig.append('orders', 1, 'o', order(0))
    const { asked, broker } = counting(rig.broker)
    const invoke = rig.environment('counted', () => ({ broker }))
    const records = { ...(await rig.batch('counted', 0, 0, 3)).records, ...(await rig.batch('counted', 1)).records }
    await invoke({ eventSource: 'aws:kafka', records })
    await invoke(await rig.batch('counted', 0, 3))
    expect(asked).toEqual(['describe'])
  })

  it('works on while the broker does not answer, and asks again', async () => {
    const { rig } = await five()
    let isThere = false
    const { asked, broker } = counting(rig.broker)
    const describeTopic: Broker['describe'] = async (name) => {
      const found = await broker.describe(name)
      if (isThere) return found
      throw new MillraceError('BROKER_UNREACHABLE', { address: 'nowhere', reason: 'as told' })
    }
    const invoke = rig.environment('counted', () => ({ broker: { ...broker, describe: describeTopic } }))
    await invoke(await rig.batch('counted', 0))
    isThere = true
    rig.append('orders', 1, 'o', order(0))
    await invoke(await rig.batch('counted', 1))
    expect(asked).toEqual(['describe', 'describe'])
  })
})
