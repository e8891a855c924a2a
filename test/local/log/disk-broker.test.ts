import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskBroker } from '../../../local/log/disk-broker.ts'
import { brokerContract } from '../../broker/broker-contract.ts'
import { topicSinkContract } from '../../sinks/topic-sink-contract.ts'
import { temporaryDirectory } from '../temporary.ts'

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

describe('a data directory that something else has written to', () => {
  it.each(['topics/t/topic.json', 'groups/g.json'])('is told of by the damaged file: %s', async (file) => {
    const directory = temporaryDirectory()
    const use = async (): Promise<void> => {
      const broker = diskBroker(directory, { nowMs: () => 0 })
      await broker.ensureTopic({ name: 't', partitions: 1 })
      await broker.committed('g', 't')
      await broker.commit('g', 't', [{ partition: 0, offset: 0, metadata: '' }])
      await broker.close()
    }
    await use()
    writeFileSync(join(directory, file), '{"partitions":')
    await expect(use()).rejects.toThrow(new RegExp(`^DATA_DAMAGED: .*${file} is damaged .*another --data DIR`))
  })
})
