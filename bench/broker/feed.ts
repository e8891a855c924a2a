import { processors } from '../../functions/index.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { plan } from '../../shared/processor/index.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'
import { PARTITIONS, transactionRecords } from '../data/transactions.ts'
import { windowStages } from '../windows/processors.ts'
import { connectionTo, SOURCE } from './run.ts'

const AT_ONCE = 50_000
// Event times are of the past: by the producer's time the broker would delete the records as expired.
const CONFIGS = { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' }

/** Creates the topics of all processors and of the benchmark's own, and fills `transactions`. */
export async function feed(brokers: string, records: number): Promise<void> {
  const connection = connectionTo(brokers, 'bench-feed')
  const broker = kafkaBroker(connection)
  const own = windowStages.flatMap(({ stage }) =>
    stage.program.targets.flatMap((target) => (target.kind === 'topic' ? [target.topic] : [])),
  )
  for (const { name, partitions } of [...plan(processors).topics, ...own])
    await broker.ensureTopic({ name, partitions, configs: CONFIGS })
  await broker.close()
  const sink = kafkaTopicSink(connection)
  let waiting = newLists()
  let count = 0
  const send = async () => {
    await Promise.all(waiting.map((list, partition) => sink.append(SOURCE, partition, list)))
    waiting = newLists()
  }
  for (const { key, value, partition, at } of transactionRecords(records)) {
    waiting[partition]!.push({ key, value, headers: {}, timestampMs: at })
    if (++count % AT_ONCE === 0) await send()
  }
  await send()
  await sink.close()
}

const newLists = (): OutgoingRecord[][] => Array.from({ length: PARTITIONS }, () => [])
