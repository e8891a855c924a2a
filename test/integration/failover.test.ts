import { afterAll, beforeAll, expect, it } from 'vitest'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import type { KafkaServer } from '../servers/kafka.ts'
import { expectComplete, startFeed } from './feed.ts'
import { connectionTo, startTemporaryKafka } from './kafka-under-test.ts'

const PARTITIONS = 6
const NODES = 3

let server: KafkaServer
beforeAll(async () => {
  server = await startTemporaryKafka({ nodes: NODES })
})
afterAll(() => server?.stop())

it('appends survive the kill of every node in turn, in order and complete', { timeout: 300_000 }, async () => {
  const broker = kafkaBroker(connectionTo(server))
  const sink = kafkaTopicSink(connectionTo(server))
  await broker.ensureTopic({ name: 'failover', partitions: PARTITIONS })
  const feed = startFeed(sink, 'failover', PARTITIONS)
  const more = async () => {
    const before = feed.appended
    await expect.poll(() => feed.appended, { timeout: 60_000 }).toBeGreaterThan(before + 1_000)
  }
  await more()
  for (let node = 0; node < NODES; node += 1) {
    await server.kill(node)
    await more()
    await server.restart(node)
    await more()
  }
  await expectComplete(broker, 'failover', await feed.stop())
  await Promise.all([broker.close(), sink.close()])
})
