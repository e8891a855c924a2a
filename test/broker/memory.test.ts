import { expect, it } from 'vitest'
import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { brokerContract } from './broker-contract.ts'

brokerContract('memoryBroker', async () => {
  const broker = memoryBroker()
  const sink = memoryTopicSink(broker)
  return {
    broker,
    append: (topic, partition, records) =>
      sink.append(
        topic,
        partition,
        records.map((record) => ({ headers: {}, ...record })),
      ),
    deleteTopic: async (topic) => broker.deleteTopic(topic),
    deleteRecordsBefore: async (topic, partition, offset) => broker.deleteRecordsBefore(topic, partition, offset),
    stop: () => broker.close(),
  }
})

it('keeps a header that occurs more than once, as producers of others may write it', async () => {
  const broker = memoryBroker()
  await broker.ensureTopic({ name: 'foreign', partitions: 1 })
  const headers = [
    ['same', Buffer.from('1')],
    ['same', Buffer.from('2')],
  ] as const
  broker.append('foreign', 0, [{ timestampMs: 5, timestampType: 'CREATE_TIME', key: null, value: null, headers }])
  const [record] = await broker.fetch('foreign', 0, 0, { maxRecords: 1, maxBytes: 1 })
  expect(record!.headers).toEqual(headers)
})

it('gets more partitions, and keeps what the others hold', async () => {
  const broker = memoryBroker()
  await broker.ensureTopic({ name: 'growing', partitions: 1 })
  broker.append('growing', 0, [{ timestampMs: 5, timestampType: 'CREATE_TIME', key: null, value: null, headers: [] }])
  broker.addPartitions('growing', 3)
  expect((await broker.describe('growing'))!.partitions).toBe(3)
  expect(await broker.endOffsets('growing')).toEqual([1, 0, 0])
})
