import { setTimeout as sleep } from 'node:timers/promises'
import { transactions } from '../../functions/topics.ts'
import { inputFile } from '../../local/feed/input.ts'
import { place } from '../../local/feed/keyer.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import type { KafkaConnection } from '../../shared/broker/kafka-connection.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'

const STEP_MS = 100
/** What was sent may still arrive, so long after the answer was lost. */
const SETTLE_MS = 3_000
const PARTITIONS = 12

/** Lines on their way into the topic, each once. */
export interface ChaosFeed {
  /** Lines that are known to stand in the topic. */
  readonly fed: number
  readonly done: Promise<void>
}

/**
 * Feeds the lines of a file to the topic `transactions` at a steady rate. A line must stand there once, also when an
 * answer was lost: then the feed looks at what has arrived before it goes on.
 */
export function startFeed(connection: KafkaConnection, file: string, perSecond: number): ChaosFeed {
  const broker = kafkaBroker(connection)
  const sink = kafkaTopicSink(connection)
  const ends = new Array<number>(PARTITIONS).fill(0)
  let fed = 0

  async function append(partition: number, records: readonly OutgoingRecord[]): Promise<void> {
    for (let rest = records; rest.length > 0; ) {
      try {
        await sink.append(transactions.name, partition, rest)
        ends[partition]! += rest.length
        fed += rest.length
        return
      } catch {
        await sleep(SETTLE_MS)
        const arrived = await arrivedIn(partition)
        if (arrived > rest.length) throw new Error(`partition ${partition} has ${arrived - rest.length} lines twice`)
        ends[partition]! += arrived
        fed += arrived
        rest = rest.slice(arrived)
      }
    }
  }

  async function arrivedIn(partition: number): Promise<number> {
    for (;;) {
      try {
        return (await broker.endOffsets(transactions.name))[partition]! - ends[partition]!
      } catch {
        await sleep(500)
      }
    }
  }

  async function run(): Promise<void> {
    const perStep = Math.max(1, Math.round((perSecond * STEP_MS) / 1_000))
    let waiting = new Map<number, OutgoingRecord[]>()
    let held = 0
    const flush = async () => {
      const startedAt = performance.now()
      await Promise.all([...waiting].map(([partition, records]) => append(partition, records)))
      waiting = new Map()
      held = 0
      await sleep(Math.max(0, STEP_MS - (performance.now() - startedAt)))
    }
    for await (const lines of inputFile(file, transactions.name).read())
      for (const { content } of lines) {
        const { key, partition } = place(transactions, content, PARTITIONS)
        const records = waiting.get(partition) ?? []
        waiting.set(partition, records)
        records.push({ key, value: content, headers: {}, timestampMs: Date.now() })
        if (++held === perStep) await flush()
      }
    await flush()
    await Promise.all([broker.close(), sink.close()])
  }

  const done = run()
  return {
    get fed() {
      return fed
    },
    done,
  }
}
