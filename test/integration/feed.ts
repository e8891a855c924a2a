import { expect } from 'vitest'
import type { Broker } from '../../shared/broker/broker.ts'
import { isMillraceError } from '../../shared/errors.ts'
import type { OutgoingRecord, TopicSink } from '../../shared/sinks/sink.ts'
import { readAll } from '../broker/broker-under-test.ts'

const STEP = 10
const NOW = Date.now()

export const recordOf = (n: number): OutgoingRecord => ({
  key: 'k',
  value: String(n),
  headers: {},
  timestampMs: NOW + n,
})

/** Numbers on their way into every partition of a topic, each partition from 0 on. */
export interface Feed {
  /** How many are acknowledged, over all partitions. */
  readonly appended: number
  /** Ends the feed; resolves with how many each partition got acknowledged. */
  stop(): Promise<number[]>
}

/** Appends in small steps, each until it succeeds, as the runtime does over its invocations. */
export function startFeed(sink: TopicSink, topic: string, partitions: number): Feed {
  const counts = new Array<number>(partitions).fill(0)
  let stopped = false
  const feeds = counts.map(async (_, partition) => {
    while (!stopped) {
      const from = counts[partition]!
      await appendUntilDone(
        sink,
        topic,
        partition,
        Array.from({ length: STEP }, (_, n) => recordOf(from + n)),
      )
      counts[partition] = from + STEP
    }
  })
  return {
    get appended() {
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async stop() {
      stopped = true
      await Promise.all(feeds)
      return counts
    },
  }
}

async function appendUntilDone(sink: TopicSink, topic: string, partition: number, records: OutgoingRecord[]) {
  for (;;) {
    try {
      return await sink.append(topic, partition, records)
    } catch (error) {
      if (!isMillraceError(error, 'SINK_UNREACHABLE')) throw error
    }
  }
}

/** Reads as a consumer does that drops every number not above the highest it has seen: all must be there, in order. */
export async function expectComplete(broker: Broker, topic: string, counts: readonly number[]): Promise<void> {
  for (const [partition, count] of counts.entries()) {
    let highest = -1
    for (const { value } of await readAll(broker, topic, partition)) {
      const number = Number(Buffer.from(value!))
      if (number <= highest) continue
      expect(number).toBe(highest + 1)
      highest = number
    }
    expect(highest).toBe(count - 1)
  }
}
