import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { OutgoingRecord, TopicSink } from '../../shared/sinks/sink.ts'

/** An implementation under test, and the other side of it. */
export interface TopicSinkUnderTest {
  readonly sink: TopicSink
  /** Every record of the partition, in offset order. */
  read(topic: string, partition: number): Promise<BrokerRecord[]>
  createTopic(name: string, partitions: number): Promise<void>
  stop(): Promise<void>
}

const NOW = Date.now()
let topics = 0
const newName = (): string => `contract-sink-${process.pid}-${++topics}`

const record = (fields: Partial<OutgoingRecord>): OutgoingRecord => ({
  key: 'k',
  value: 'v',
  headers: {},
  timestampMs: NOW,
  ...fields,
})

const numbered = (from: number, count: number): OutgoingRecord[] =>
  Array.from({ length: count }, (_, n) => record({ key: `k${(from + n) % 100}`, value: `v${from + n}` }))

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())

const values = (records: readonly BrokerRecord[]): (string | null)[] => records.map(({ value }) => text(value))

/** What every {@link TopicSink} does. `make` is called once for the whole suite. */
export function topicSinkContract(name: string, make: () => Promise<TopicSinkUnderTest>): void {
  describe(`${name} keeps the TopicSink contract`, () => {
    let subject: TopicSinkUnderTest
    beforeAll(async () => {
      subject = await make()
    })
    afterAll(() => subject?.stop())

    const newTopic = async (partitions = 1): Promise<string> => {
      const topic = newName()
      await subject.createTopic(topic, partitions)
      return topic
    }

    it('appends in the given order, to the partition it is told', async () => {
      const topic = await newTopic(3)
      await subject.sink.append(topic, 1, numbered(0, 5))
      await subject.sink.append(topic, 1, numbered(5, 5))
      expect(values(await subject.read(topic, 1))).toEqual(numbered(0, 10).map(({ value }) => value))
      expect(await subject.read(topic, 0)).toEqual([])
      expect(await subject.read(topic, 2)).toEqual([])
    })

    it('writes keys and values as UTF-8, null as null and empty as empty', async () => {
      const topic = await newTopic()
      const written = [
        record({ key: 'clé', value: 'été ☀' }),
        record({ key: null, value: 'v' }),
        record({ key: 'k', value: null }),
        record({ key: '', value: '' }),
        record({ key: null, value: null }),
      ]
      await subject.sink.append(topic, 0, written)
      const read = (await subject.read(topic, 0)).map(({ key, value }) => ({ key: text(key), value: text(value) }))
      expect(read).toEqual(written.map(({ key, value }) => ({ key, value })))
    })

    it('writes headers in order and the event time as timestamp', async () => {
      const topic = await newTopic()
      await subject.sink.append(topic, 0, [
        record({ headers: { mr: 'lane;1.2;3', traceparent: '00-ab-cd-01', empty: '' }, timestampMs: NOW - 60_000 }),
        record({ timestampMs: NOW - 90_000 }),
      ])
      const [first, second] = await subject.read(topic, 0)
      const headers = first!.headers.map(([header, value]) => [header, text(value)])
      expect(headers).toEqual([
        ['mr', 'lane;1.2;3'],
        ['traceparent', '00-ab-cd-01'],
        ['empty', ''],
      ])
      expect([first!.timestampMs, second!.timestampMs]).toEqual([NOW - 60_000, NOW - 90_000])
      expect(second!.headers).toEqual([])
    })

    it('writes event times that are years apart', async () => {
      const topic = await newTopic()
      const times = [0, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 300 * 86_400_000, 1, 0].map(
        (agoMs) => NOW - 400 * 86_400_000 + agoMs,
      )
      await subject.sink.append(
        topic,
        0,
        times.map((timestampMs) => record({ timestampMs })),
      )
      expect((await subject.read(topic, 0)).map(({ timestampMs }) => timestampMs)).toEqual(times)
    })

    it('takes no records as done', async () => {
      const topic = await newTopic()
      await subject.sink.append(topic, 0, [])
      expect(await subject.read(topic, 0)).toEqual([])
    })

    it('takes 10,000 records at once', async () => {
      const topic = await newTopic()
      const written = numbered(0, 10_000).map((one) => ({ ...one, value: String(one.value).padEnd(180, '.') }))
      await subject.sink.append(topic, 0, written)
      expect(values(await subject.read(topic, 0))).toEqual(written.map(({ value }) => value))
    })

    it('takes records that together are larger than a batch may be', async () => {
      const topic = await newTopic()
      const written = Array.from({ length: 30 }, (_, n) => record({ value: `${n}`.padEnd(200_000, '.') }))
      await subject.sink.append(topic, 0, written)
      expect(values(await subject.read(topic, 0))).toEqual(written.map(({ value }) => value))
    })

    it('appends to several partitions in parallel', async () => {
      const topic = await newTopic(6)
      const appends = Array.from({ length: 6 }, async (_, partition) => {
        for (let n = 0; n < 10; n += 1) await subject.sink.append(topic, partition, numbered(n * 10, 10))
      })
      await Promise.all(appends)
      for (let partition = 0; partition < 6; partition += 1) {
        expect(values(await subject.read(topic, partition))).toEqual(numbered(0, 100).map(({ value }) => value))
      }
    })

    it('keeps what it has acknowledged on one partition while another one refuses', async () => {
      const topic = await newTopic(2)
      const refusals = Array.from({ length: 20 }, () =>
        expect(subject.sink.append(topic, 0, [record({ value: 'x'.repeat(2_000_000) })])).rejects.toThrow(),
      )
      for (let n = 0; n < 100; n += 1) await subject.sink.append(topic, 1, numbered(n, 1))
      await Promise.all(refusals)
      expect(values(await subject.read(topic, 1))).toEqual(numbered(0, 100).map(({ value }) => value))
    })

    it('refuses a topic that does not exist', async () => {
      const append = subject.sink.append(newName(), 0, numbered(0, 1))
      await expect(append).rejects.toMatchObject({ code: 'SINK_REFUSED', retriable: false })
    })

    it('refuses a partition that does not exist', async () => {
      const topic = await newTopic(2)
      await expect(subject.sink.append(topic, 2, numbered(0, 1))).rejects.toMatchObject({ code: 'SINK_REFUSED' })
      expect([...(await subject.read(topic, 0)), ...(await subject.read(topic, 1))]).toEqual([])
    })

    it('refuses a record that is too large, appends none after it, and goes on working', async () => {
      const topic = await newTopic(2)
      const tooLarge = record({ value: 'x'.repeat(2_000_000) })
      const append = subject.sink.append(topic, 0, [...numbered(0, 3), tooLarge, ...numbered(3, 3)])
      await expect(append).rejects.toMatchObject({ code: 'SINK_REFUSED', retriable: false })
      const landed = values(await subject.read(topic, 0))
      expect(landed).toEqual(['v0', 'v1', 'v2'].slice(0, landed.length))
      await subject.sink.append(topic, 0, numbered(7, 2))
      await subject.sink.append(topic, 1, numbered(9, 1))
      expect(values(await subject.read(topic, 0))).toEqual([...landed, 'v7', 'v8'])
      expect(values(await subject.read(topic, 1))).toEqual(['v9'])
    })
  })
}
