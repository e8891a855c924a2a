import type { MemoryBroker, MemoryRecord } from '../broker/memory.ts'
import { MillraceError } from '../errors.ts'
import type { OutgoingRecord, TopicSink } from './sink.ts'

export interface MemoryTopicSinkOptions {
  /** `CREATE_TIME` (default) keeps the record's own timestamp; `LOG_APPEND_TIME` puts `now()` in its place. */
  readonly timestampType?: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  /** Epoch ms; used for `LOG_APPEND_TIME` only. Default: the wall clock. */
  readonly now?: () => number
  /** The largest key and value together, in bytes; default Kafka's, 1 MB. */
  readonly maxRecordBytes?: number
}

const KAFKA_BATCH_BYTES_MAX = 1_048_588

/** Appends to topics of a memory broker: all records of a call, or none. */
export function memoryTopicSink(broker: MemoryBroker, options: MemoryTopicSinkOptions = {}): TopicSink {
  const { timestampType = 'CREATE_TIME', now = Date.now, maxRecordBytes = KAFKA_BATCH_BYTES_MAX } = options

  const landed = (record: OutgoingRecord): MemoryRecord => ({
    timestampMs: timestampType === 'CREATE_TIME' ? record.timestampMs : now(),
    timestampType,
    key: bytesOf(record.key),
    value: bytesOf(record.value),
    headers: Object.entries(record.headers).map(([name, value]) => [name, Buffer.from(value)]),
  })

  return {
    async append(topic, partition, records) {
      const refused = (reason: string) =>
        new MillraceError('SINK_REFUSED', { target: `topic ${JSON.stringify(topic)}`, reason })
      const partitions = (await broker.describe(topic))?.partitions
      if (partitions === undefined) throw refused('UNKNOWN_TOPIC_OR_PARTITION')
      if (partition >= partitions) throw refused(`it has ${partitions} partitions, so no partition ${partition}`)
      const batch = records.map(landed)
      if (batch.some((record) => sizeOf(record) > maxRecordBytes)) throw refused('MESSAGE_TOO_LARGE')
      broker.append(topic, partition, batch)
    },
    async close() {},
  }
}

const bytesOf = (content: string | Uint8Array | null): Buffer | null => (content === null ? null : Buffer.from(content))

const sizeOf = ({ key, value }: MemoryRecord): number => (key?.length ?? 0) + (value?.length ?? 0)
