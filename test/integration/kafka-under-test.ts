import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import type { KafkaConnection } from '../../shared/broker/kafka-connection.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import { type BrokerUnderTest, readAll } from '../broker/broker-under-test.ts'
import { type KafkaServer, type KafkaServerOptions, startKafka } from '../servers/kafka.ts'
import type { TopicSinkUnderTest } from '../sinks/topic-sink-contract.ts'

/** Starts Kafka with data in a folder that goes away when the server is stopped. */
export async function startTemporaryKafka(options: Omit<KafkaServerOptions, 'dir'> = {}): Promise<KafkaServer> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-kafka-'))
  const server = await startKafka({ ...options, dir })
  const stop = async () => {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
  return Object.create(server, { stop: { value: stop } }) as KafkaServer
}

/** How the tests reach a server. */
export const connectionTo = (server: KafkaServer): KafkaConnection => ({
  brokers: server.address.split(','),
  clientId: 'millrace-test',
  auth: { kind: 'none' },
})

/** A Kafka broker as the contract wants it; the server stays up. */
export async function kafkaBrokerUnderTest(server: KafkaServer): Promise<BrokerUnderTest> {
  const broker = kafkaBroker(connectionTo(server))
  const sink = kafkaTopicSink(connectionTo(server))
  const admin = new Admin({ clientId: 'millrace-test-admin', bootstrapBrokers: server.address.split(',') })
  return {
    broker,
    append: (topic, partition, records) =>
      sink.append(
        topic,
        partition,
        records.map((record) => ({ headers: {}, ...record })),
      ),
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    deleteRecordsBefore: async (topic, partition, offset) => {
      await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset: BigInt(offset) }] }] })
    },
    stop: async () => void (await Promise.all([broker.close(), sink.close(), admin.close()])),
  }
}

/** A Kafka topic sink as the contract wants it; the server stays up. */
export async function kafkaTopicSinkUnderTest(server: KafkaServer): Promise<TopicSinkUnderTest> {
  const broker = kafkaBroker(connectionTo(server))
  const sink = kafkaTopicSink(connectionTo(server))
  return {
    sink,
    read: (topic, partition) => readAll(broker, topic, partition),
    // Event times of long ago would otherwise be deleted as expired.
    createTopic: (name, partitions) => broker.ensureTopic({ name, partitions, configs: { 'retention.ms': '-1' } }),
    stop: async () => void (await Promise.all([broker.close(), sink.close()])),
  }
}
