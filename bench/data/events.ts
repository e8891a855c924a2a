import type { KafkaEvent, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { authorizationOf } from './authorizations.ts'
import { PARTITIONS, type TransactionRecord, transactionRecords } from './transactions.ts'

/** How many events, of how many records each, from which line of the data on. */
export interface EventsOptions {
  readonly batches: number
  readonly records: number
  readonly firstLine?: number
  /** Offset of the next record per partition; counted up. Default: all 0. */
  readonly offsets?: number[]
}

/** Events as an event source mapping cuts them, in the form that the Lambda runtime hands them over in: parsed JSON. */
export const transactionEvents = (options: EventsOptions): KafkaEvent[] =>
  eventsOf('transactions', options, (line) => line)

/** The same payments as their issuer sees them, on the topic `authorizations`. */
export const authorizationEvents = (options: EventsOptions): KafkaEvent[] =>
  eventsOf('authorizations', options, authorizationOf)

function eventsOf(
  topic: string,
  options: EventsOptions,
  recordOf: (line: TransactionRecord) => TransactionRecord,
): KafkaEvent[] {
  const { batches, records, firstLine = 0, offsets = newOffsets() } = options
  const lines = transactionRecords(batches * records, firstLine)
  return Array.from({ length: batches }, () => eventOf(topic, Array.from(take(lines, records), recordOf), offsets))
}

/** Offsets of an empty topic. */
export const newOffsets = (): number[] => new Array<number>(PARTITIONS).fill(0)

/** Records of an event, over all partitions. */
export const recordsOf = (event: KafkaEvent): KafkaEventRecord[] => Object.values(event.records).flat()

function* take<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let n = 0; n < count; n++) {
    const item = items.next()
    if (item.done) return
    yield item.value
  }
}

function eventOf(topic: string, lines: Iterable<TransactionRecord>, offsets: number[]): KafkaEvent {
  const records: Record<string, KafkaEventRecord[]> = {}
  for (const line of lines) {
    const list = `${topic}-${line.partition}`
    records[list] ??= []
    records[list].push(eventRecord(topic, line, offsets[line.partition]!++))
  }
  const event: KafkaEvent = {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/bench/00000000-0000-0000-0000-000000000000-1',
    bootstrapServers: 'b-1.bench.example:9098',
    records,
  }
  // As flat strings, not as the pieces that they were joined from.
  return JSON.parse(JSON.stringify(event)) as KafkaEvent
}

const eventRecord = (
  topic: string,
  { key, value, partition, at }: TransactionRecord,
  offset: number,
): KafkaEventRecord => ({
  topic,
  partition,
  offset,
  timestamp: at,
  timestampType: 'CREATE_TIME',
  key: Buffer.from(key).toString('base64'),
  value: Buffer.from(value).toString('base64'),
  headers: [],
})
