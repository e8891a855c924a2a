import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'

/** Of the 6 MB that a synchronous invocation may carry. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const CHUNK_BYTES_MAX = 4_000_000
/** So that one invocation ends within its time-out. */
export const CHUNK_RECORDS_MAX = 2_000

/** Records in the same order, in lists that each fit one invocation. A record above the limit stands alone. */
export function chunks(
  records: readonly KafkaEventRecord[],
  bytesMax = CHUNK_BYTES_MAX,
  recordsMax = CHUNK_RECORDS_MAX,
): KafkaEventRecord[][] {
  const all: KafkaEventRecord[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const record of records) {
    const more = Buffer.byteLength(JSON.stringify(record)) + 1
    if (bytes + more > bytesMax || all.at(-1)!.length >= recordsMax) {
      all.push([])
      bytes = 0
    }
    all.at(-1)!.push(record)
    bytes += more
  }
  return all
}
