import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../../shared/broker/broker.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import type { TopicSink } from '../../shared/sinks/sink.ts'
import { brokerContract } from '../broker/broker-contract.ts'
import { readAll, values } from '../broker/broker-under-test.ts'
import type { KafkaServer } from '../servers/kafka.ts'
import { freePorts } from '../servers/process.ts'
import { topicSinkContract } from '../sinks/topic-sink-contract.ts'
import { expectComplete, recordOf, startFeed } from './feed.ts'
import { appendInTransaction, appendPacked } from './kafka-foreign.ts'
import { connectionTo, kafkaBrokerUnderTest, kafkaTopicSinkUnderTest, startTemporaryKafka } from './kafka-under-test.ts'

let server: KafkaServer
beforeAll(async () => {
  server = await startTemporaryKafka()
})
afterAll(() => server?.stop())

brokerContract('kafkaBroker', () => kafkaBrokerUnderTest(server))
topicSinkContract('kafkaTopicSink', () => kafkaTopicSinkUnderTest(server))

const ONE = { maxRecords: 1, maxBytes: 1 }
const BROKER_LIMIT_MS = 10_000
const UNREACHABLE = { code: 'BROKER_UNREACHABLE', retriable: true }
const SINK_UNREACHABLE = { code: 'SINK_UNREACHABLE', retriable: true }

describe('kafkaBroker', () => {
  let broker: Broker
  beforeAll(() => {
    broker = kafkaBroker(connectionTo(server))
  })
  afterAll(() => broker.close())

  it('reads what other producers have packed', async () => {
    await broker.ensureTopic({ name: 'packed', partitions: 1 })
    const codecs = ['gzip', 'snappy', 'lz4', 'zstd', 'none'] as const
    for (const codec of codecs) await appendPacked(server, 'packed', codec, [`${codec} 1`, `${codec} 2`])
    const expected = codecs.flatMap((codec) => [`${codec} 1`, `${codec} 2`])
    expect(values(await readAll(broker, 'packed', 0))).toEqual(expected)
  })

  it('passes over the ends of transactions, also when nothing else is left', async () => {
    await broker.ensureTopic({ name: 'transactions', partitions: 1 })
    // The broker writes the end of a transaction a moment after it has said that it will.
    const ends = (offset: number) => expect.poll(() => broker.endOffsets('transactions')).toEqual([offset])
    await appendInTransaction(server, 'transactions', ['a', 'b'])
    await ends(3)
    await appendInTransaction(server, 'transactions', ['c'])
    await ends(5)
    const records = await readAll(broker, 'transactions', 0)
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 3])
    expect(await broker.fetch('transactions', 0, 4, ONE)).toEqual([])
  })

  it('tells the time of the broker from that of the producer', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' }
    await broker.ensureTopic({ name: 'log-append-time', partitions: 1, configs })
    const sink = kafkaTopicSink(connectionTo(server))
    const before = Date.now()
    await sink.append('log-append-time', 0, [{ ...recordOf(0), timestampMs: 5 }])
    const [record] = await broker.fetch('log-append-time', 0, 0, ONE)
    expect(record!.timestampType).toBe('LOG_APPEND_TIME')
    expect(record!.timestampMs).toBeGreaterThanOrEqual(before)
    expect(record!.timestampMs).toBeLessThanOrEqual(Date.now())
    await sink.close()
  })

  it('takes a setting that Kafka refuses as an error of the caller', async () => {
    const configs = { 'retention.ms': 'soon' }
    const error = { code: 'USAGE', message: expect.stringContaining('retention.ms') }
    await expect(broker.ensureTopic({ name: 'refused', partitions: 1, configs })).rejects.toMatchObject(error)
  })
})

describe('while nothing listens', () => {
  it('broker and sink say so in time', async () => {
    const [port] = await freePorts(1)
    const connection = { brokers: [`127.0.0.1:${port}`], clientId: 'millrace-test', auth: { kind: 'none' } } as const
    const [broker, sink] = [kafkaBroker(connection), kafkaTopicSink({ ...connection, giveUpAfterMs: 3_000 })]
    await inTime(() => expect(broker.describe('topic')).rejects.toMatchObject(UNREACHABLE))
    await inTime(() => expect(broker.fetch('topic', 0, 0, ONE)).rejects.toThrow('ECONNREFUSED'))
    await inTime(() => expect(sink.append('topic', 0, [recordOf(0)])).rejects.toMatchObject(SINK_UNREACHABLE))
    await Promise.all([broker.close(), sink.close()])
  })
})

describe('on a broker that fails', () => {
  let broker: Broker
  let sink: TopicSink
  beforeEach(() => {
    broker = kafkaBroker({ ...connectionTo(server), giveUpAfterMs: 3_000 })
    sink = kafkaTopicSink({ ...connectionTo(server), giveUpAfterMs: 3_000 })
  })
  afterEach(() => Promise.all([broker.close(), sink.close()]))

  it('appends go on after a kill and a new start, in order and complete', { timeout: 120_000 }, async () => {
    await broker.ensureTopic({ name: 'killed', partitions: 3 })
    const feed = startFeed(sink, 'killed', 3)
    await expect.poll(() => feed.appended, { timeout: 30_000 }).toBeGreaterThan(300)
    await server.kill()
    await inTime(() => expect(broker.endOffsets('killed')).rejects.toMatchObject(UNREACHABLE))
    await server.restart()
    const before = feed.appended
    await expect.poll(() => feed.appended, { timeout: 60_000 }).toBeGreaterThan(before + 300)
    await expectComplete(broker, 'killed', await feed.stop())
  })

  it('calls end in time while it hangs, and work again afterwards', { timeout: 120_000 }, async () => {
    await broker.ensureTopic({ name: 'hanging', partitions: 1 })
    await sink.append('hanging', 0, [recordOf(0)])
    await broker.fetch('hanging', 0, 0, ONE)
    const [pid] = server.pids
    process.kill(pid!, 'SIGSTOP')
    // Threads that run on the other processor may go on for a moment.
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'latin1')).toMatch(/\) T /)
    try {
      await inTime(() => expect(sink.append('hanging', 0, [recordOf(1)])).rejects.toMatchObject(SINK_UNREACHABLE))
      await inTime(() => expect(broker.endOffsets('hanging')).rejects.toMatchObject(UNREACHABLE))
      await inTime(() => expect(broker.fetch('hanging', 0, 1, ONE)).rejects.toMatchObject(UNREACHABLE))
    } finally {
      process.kill(pid!, 'SIGCONT')
    }
    const feed = startFeed(sink, 'hanging', 1)
    await expect.poll(() => feed.appended, { timeout: 60_000 }).toBeGreaterThan(100)
    await expectComplete(broker, 'hanging', await feed.stop())
  })
})

/** `step` takes less than the time in which a broker's silence must be noticed. */
async function inTime(step: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  await step()
  expect(performance.now() - startedAt).toBeLessThan(BROKER_LIMIT_MS)
}
