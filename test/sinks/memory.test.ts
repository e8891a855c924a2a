import { expect, it } from 'vitest'
import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { readAll } from '../broker/broker-under-test.ts'
import { topicSinkContract } from './topic-sink-contract.ts'

topicSinkContract('memoryTopicSink', async () => {
  const broker = memoryBroker()
  return {
    sink: memoryTopicSink(broker),
    read: (topic, partition) => readAll(broker, topic, partition),
    createTopic: (name, partitions) => broker.ensureTopic({ name, partitions }),
    stop: () => broker.close(),
  }
})

it('puts its own clock in place of the event time when told so', async () => {
  const broker = memoryBroker()
  await broker.ensureTopic({ name: 'topic', partitions: 1 })
  const sink = memoryTopicSink(broker, { timestampType: 'LOG_APPEND_TIME', now: () => 777 })
  await sink.append('topic', 0, [{ key: null, value: 'v', headers: {}, timestampMs: 5 }])
  const [record] = await readAll(broker, 'topic', 0)
  expect(record).toMatchObject({ timestampMs: 777, timestampType: 'LOG_APPEND_TIME' })
})
