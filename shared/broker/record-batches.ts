import { compressionsAlgorithmsByBitmask, crc32c, Reader } from '@platformatic/kafka'
import { MillraceError, reasonOf } from '../errors.ts'

/**
 * A record batch of Kafka's format 2, its records still packed: https://kafka.apache.org/documentation/#recordbatch
 * Decoding is ours because the client's goes through a list of network chunks for every field.
 */
export interface RecordBatch {
  readonly baseOffset: number
  /** Offset after the batch's last one, also where compaction has taken that record out. */
  readonly nextOffset: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  /** 0 for a control batch: transaction markers are no records. */
  readonly count: number
  /** Which of Kafka's codecs packed `body`; 0 is none. */
  readonly codec: number
  readonly body: Buffer
}

const LENGTH_AT = 8
const MAGIC_AT = 16
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const LAST_OFFSET_DELTA_AT = 23
const BASE_TIMESTAMP_AT = 27
const MAX_TIMESTAMP_AT = 35
const COUNT_AT = 57
const BODY_AT = 61
/** What comes before the part that the length counts. */
const HEAD_BYTES = 12

const CODEC_BITS = 0b111
const LOG_APPEND_TIME_BIT = 1 << 3
const CONTROL_BIT = 1 << 5

/**
 * The whole batches in `bytes`, in offset order. A broker cuts its answer anywhere, so the last one may be incomplete: it
 * is left out.
 * @throws MillraceError `RECORDS_UNREADABLE`
 */
export function readBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = []
  let at = 0
  while (at + HEAD_BYTES <= bytes.length) {
    const end = at + HEAD_BYTES + bytes.readInt32BE(at + LENGTH_AT)
    if (end <= at + MAGIC_AT) throw unreadable('a batch is shorter than its head')
    if (end > bytes.length) break
    batches.push(readBatch(bytes.subarray(at, end)))
    at = end
  }
  return batches
}

function readBatch(bytes: Buffer): RecordBatch {
  const magic = bytes.readInt8(MAGIC_AT)
  if (magic !== 2) throw unreadable(`record format ${magic} is not that of Kafka 0.11 and later`)
  if (bytes.length < BODY_AT) throw unreadable('a batch is shorter than its head')
  if (crc32c(bytes.subarray(ATTRIBUTES_AT)) !== bytes.readUInt32BE(CRC_AT))
    throw unreadable('a batch does not fit its checksum')
  const attributes = bytes.readInt16BE(ATTRIBUTES_AT)
  const baseOffset = int64(bytes, 0)
  const offsets = bytes.readInt32BE(LAST_OFFSET_DELTA_AT) + 1
  const count = bytes.readInt32BE(COUNT_AT)
  if (!Number.isSafeInteger(baseOffset + offsets) || baseOffset < 0 || offsets < 1 || count < 0 || count > offsets)
    throw unreadable('a batch has impossible offsets')
  return {
    baseOffset,
    nextOffset: baseOffset + offsets,
    timestampType: attributes & LOG_APPEND_TIME_BIT ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
    baseTimestampMs: int64(bytes, BASE_TIMESTAMP_AT),
    maxTimestampMs: int64(bytes, MAX_TIMESTAMP_AT),
    count: attributes & CONTROL_BIT ? 0 : count,
    codec: attributes & CODEC_BITS,
    body: bytes.subarray(BODY_AT),
  }
}

/** The batch's records as the broker got them: unpacked where a codec was used. @throws MillraceError `RECORDS_UNREADABLE` */
export function unpack(batch: RecordBatch): Buffer {
  if (batch.codec === 0) return batch.body
  const codec = compressionsAlgorithmsByBitmask[batch.codec]
  if (codec === undefined) throw unreadable(`they are packed with codec ${batch.codec}, which is unknown`)
  try {
    return codec.decompressSync(batch.body)
  } catch (error) {
    throw unreadable(`they cannot be unpacked (${reasonOf(error)})`)
  }
}

/** What is not as Kafka's format says; the broker, or what lies between, has damaged it. */
export const unreadable = (problem: string): MillraceError => new MillraceError('RECORDS_UNREADABLE', { problem })

/** Flattens a response: the client's reader walks a list of chunks at every step, which a single buffer spares. */
export const flat = (reader: Reader): Reader => Reader.from(reader.buffer.slice(reader.position))

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
