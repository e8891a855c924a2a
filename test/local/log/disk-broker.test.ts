import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskBroker } from '../../../local/log/disk-broker.ts'
import { brokerContract } from '../../broker/broker-contract.ts'
import { topicSinkContract } from '../../sinks/topic-sink-contract.ts'

function newBroker() {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  return { directory, broker: diskBroker(directory, { nowMs: () => 0 }) }
}

brokerContract('diskBroker', async () => {
  const { directory, broker } = newBroker()
  return {
    broker,
    append: (topic, partition, records) =>
      broker.append(
        topic,
        partition,
        records.map((record) => ({ headers: {}, ...record })),
      ),
    deleteTopic: async (topic) => broker.deleteTopic(topic),
    deleteRecordsBefore: async (topic, partition, offset) => broker.deleteRecordsBefore(topic, partition, offset),
    stop: async () => {
      await broker.close()
      rmSync(directory, { recursive: true })
    },
  }
})

topicSinkContract('diskBroker', async () => {
  const { directory, broker } = newBroker()
  return {
    sink: broker,
    read: (topic, partition) => broker.fetch(topic, partition, 0, { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }),
    createTopic: (name, partitions) => broker.ensureTopic({ name, partitions }),
    stop: async () => {
      await broker.close()
      rmSync(directory, { recursive: true })
    },
  }
})
