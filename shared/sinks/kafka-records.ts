import type { MessageToProduce } from '@platformatic/kafka'
import type { OutgoingRecord } from './sink.ts'

/**
 * Bytes of records in one batch. A batch is what a topic's `max.message.bytes` limits, 1,048,588 by default, and nothing
 * here knows the topic's value; this leaves room for what each record and the batch add.
 */
export const CHUNK_BYTES = 900_000
/** Lengths, deltas and attributes of a record, at most. */
const RECORD_OVERHEAD = 32
const HEADER_OVERHEAD = 10

/**
 * A record's time is written as its distance from the batch's first one, and the client writes distances wrong that do
 * not fit 32 bits, 25 days (`int64ZigZagEncode` and the masks of @platformatic/dynamic-buffer 0.3.1).
 */
const TIME_SPAN_MS = 2 ** 31 - 1

/** The records as the client wants them, in order, cut so that each part can be one batch. A larger record is a part of its own. */
export function* chunksOf(
  topic: string,
  partition: number,
  records: readonly OutgoingRecord[],
): Generator<MessageToProduce[]> {
  let chunk: MessageToProduce[] = []
  let bytes = 0
  let firstMs = 0
  for (const record of records) {
    const message = messageOf(topic, partition, record)
    const size = sizeOf(message)
    const full = bytes + size > CHUNK_BYTES || Math.abs(record.timestampMs - firstMs) > TIME_SPAN_MS
    if (chunk.length > 0 && full) {
      yield chunk
      chunk = []
      bytes = 0
    }
    if (chunk.length === 0) firstMs = record.timestampMs
    chunk.push(message)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

function messageOf(topic: string, partition: number, record: OutgoingRecord) {
  return {
    topic,
    partition,
    timestamp: BigInt(record.timestampMs),
    headers: headersOf(record.headers),
    ...(record.key !== null && { key: Buffer.from(record.key) }),
    ...(record.value !== null && { value: Buffer.from(record.value) }),
  }
}

function headersOf(headers: Readonly<Record<string, string>>): Map<Buffer, Buffer> {
  const encoded = new Map<Buffer, Buffer>()
  for (const name in headers) encoded.set(Buffer.from(name), Buffer.from(headers[name]!))
  return encoded
}

function sizeOf(message: ReturnType<typeof messageOf>): number {
  let size = RECORD_OVERHEAD + (message.key?.length ?? 0) + (message.value?.length ?? 0)
  for (const [name, value] of message.headers) size += HEADER_OVERHEAD + name.length + value.length
  return size
}
