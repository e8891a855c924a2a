import type { BrokerRecord } from './broker.ts'
import { type RecordBatch, unpack, unreadable } from './record-batches.ts'

type Header = readonly [name: string, value: Uint8Array]

const NO_HEADERS: readonly Header[] = []
const EMPTY = Buffer.alloc(0)
/** Of the tenth byte, the last that a number of 64 bits has. */
const VARINT_SCALE_MAX = 2 ** 63

/**
 * Reads the records of one partition's batches in offset order, decoding each as it is asked for.
 * Keys and values are views of the batches' memory.
 */
export class RecordCursor {
  readonly #topic: string
  readonly #partition: number
  readonly #batches: readonly RecordBatch[]
  #index = -1
  #bytes: Buffer = EMPTY
  #at = 0
  #left = 0
  #offset: number

  /** @param from Where reading starts; records before it are passed over. */
  constructor(topic: string, partition: number, batches: readonly RecordBatch[], from: number) {
    this.#topic = topic
    this.#partition = partition
    this.#batches = batches
    this.#offset = from
    this.seek(from)
  }

  /** Everything below this offset has been read or does not exist. */
  get offset(): number {
    return this.#offset
  }

  /** Reading goes on at the first record with this offset or a higher one. */
  seek(offset: number): void {
    const found = this.#batches.findIndex((batch) => batch.nextOffset > offset)
    this.#index = (found === -1 ? this.#batches.length : found) - 1
    this.#left = 0
    this.#offset = offset
  }

  /** undefined: no more records. @throws MillraceError `RECORDS_UNREADABLE` */
  next(): BrokerRecord | undefined {
    for (;;) {
      if (this.#left === 0 && !this.#openNextBatch()) return undefined
      const record = this.#read(this.#batches[this.#index]!)
      if (record !== undefined) return record
    }
  }

  #openNextBatch(): boolean {
    for (;;) {
      const finished = this.#batches[this.#index]
      if (finished !== undefined) this.#offset = Math.max(this.#offset, finished.nextOffset)
      const batch = this.#batches[this.#index + 1]
      if (batch === undefined) return false
      this.#index += 1
      if (batch.count === 0) continue
      this.#bytes = unpack(batch)
      this.#at = 0
      this.#left = batch.count
      return true
    }
  }

  /** https://kafka.apache.org/documentation/#record. undefined: a record below the offset that reading started at. */
  #read(batch: RecordBatch): BrokerRecord | undefined {
    const length = this.#varint()
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) throw unreadable('a record is longer than its batch')
    this.#at += 1
    this.#left -= 1
    const timestampDelta = this.#varint()
    const offset = batch.baseOffset + this.#varint()
    if (offset < batch.baseOffset || offset >= batch.nextOffset) throw unreadable('a record has an impossible offset')
    if (offset < this.#offset) {
      this.#at = end
      return undefined
    }
    this.#offset = offset + 1
    const key = this.#slice()
    const value = this.#slice()
    const headers = this.#headers()
    if (this.#at > end) throw unreadable('a record ends before its fields do')
    this.#at = end
    const appended = batch.timestampType === 'LOG_APPEND_TIME'
    return {
      topic: this.#topic,
      partition: this.#partition,
      offset,
      timestampMs: appended ? batch.maxTimestampMs : batch.baseTimestampMs + timestampDelta,
      timestampType: batch.timestampType,
      key,
      value,
      headers,
    }
  }

  #headers(): readonly Header[] {
    const count = this.#varint()
    if (count === 0) return NO_HEADERS
    const headers: Header[] = []
    for (let n = 0; n < count; n += 1) headers.push([this.#slice()?.toString() ?? '', this.#slice() ?? EMPTY])
    return headers
  }

  #slice(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    this.#at += length
    if (this.#at > this.#bytes.length) throw unreadable('a field is longer than its batch')
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** A zigzag varint of up to 64 bits; exact for what a double holds, which offsets, lengths and times are. */
  #varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined || scale > VARINT_SCALE_MAX) throw unreadable('a number in it does not end')
      this.#at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      scale *= 128
    }
  }
}
