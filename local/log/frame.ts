import { crc32 } from 'node:zlib'
import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'

type Headers = BrokerRecord['headers']

// length of the body, CRC of the body | timestamp, key length, value length, number of headers, then their bytes
const PREFIX_BYTES = 8
const FIXED_BYTES = 18
const NULL_LENGTH = -1
const NO_HEADERS: Headers = []

/** A frame's bytes in front of its body. */
export const FRAME_PREFIX_BYTES = PREFIX_BYTES
/** The smallest body there is: no key, no value, no headers. */
export const BODY_BYTES_MIN = FIXED_BYTES

/** Lays frames one after the other into one buffer that is reused, so that an append is one write call. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafe(1 << 16)
  #end = 0
  /** Where each frame since the last {@link clear} starts. */
  readonly starts: number[] = []

  /** What was added since the last {@link clear}; valid until the next {@link add}. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end)
  }

  clear(): void {
    this.#end = 0
    this.starts.length = 0
  }

  /** Adds one frame and returns the length of its body. `stampMs` replaces the record's own timestamp. */
  add(record: OutgoingRecord, stampMs: number | undefined): number {
    const names = Object.keys(record.headers)
    this.#reserve(PREFIX_BYTES + FIXED_BYTES + bound(record.key) + bound(record.value) + headerBound(record, names))
    const start = this.#end
    const body = start + PREFIX_BYTES
    const buffer = this.#buffer
    const afterKey = this.#put(record.key, body + 8, body + FIXED_BYTES)
    let at = this.#put(record.value, body + 12, afterKey)
    for (const name of names) at = this.#putHeader(name, record.headers[name]!, at)
    buffer.writeDoubleLE(stampMs ?? record.timestampMs, body)
    buffer.writeUInt16LE(names.length, body + 16)
    buffer.writeUInt32LE(at - body, start)
    buffer.writeUInt32LE(crc32(buffer.subarray(body, at)), start + 4)
    this.starts.push(start)
    this.#end = at
    return at - body
  }

  #put(content: string | Uint8Array | null, lengthAt: number, at: number): number {
    const length = content === null ? 0 : this.#copy(content, at)
    this.#buffer.writeInt32LE(content === null ? NULL_LENGTH : length, lengthAt)
    return at + length
  }

  #putHeader(name: string, value: string, at: number): number {
    const nameLength = this.#copy(name, at + 2)
    this.#buffer.writeUInt16LE(nameLength, at)
    const valueAt = at + 2 + nameLength
    const valueLength = this.#copy(value, valueAt + 4)
    this.#buffer.writeUInt32LE(valueLength, valueAt)
    return valueAt + 4 + valueLength
  }

  #copy(content: string | Uint8Array, at: number): number {
    if (typeof content === 'string') return this.#buffer.write(content, at, 'utf8')
    this.#buffer.set(content, at)
    return content.length
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}

/** True when the body at `at` is what was written. */
export function bodyIsSound(buffer: Buffer, at: number, length: number): boolean {
  return buffer.readUInt32LE(at - 4) === crc32(buffer.subarray(at, at + length))
}

/**
 * The record whose body of `length` bytes starts at `at`. Key and value share the buffer's memory. undefined: these bytes
 * are no body, though their checksum may be right.
 */
export function decodeBody(
  buffer: Buffer,
  at: number,
  length: number,
  place: Pick<BrokerRecord, 'topic' | 'partition' | 'timestampType'>,
  offset: number,
): BrokerRecord | undefined {
  const keyLength = buffer.readInt32LE(at + 8)
  const valueLength = buffer.readInt32LE(at + 12)
  const count = buffer.readUInt16LE(at + 16)
  const keyAt = at + FIXED_BYTES
  const valueAt = keyAt + Math.max(0, keyLength)
  const headersAt = valueAt + Math.max(0, valueLength)
  const end = at + length
  if (keyLength < NULL_LENGTH || valueLength < NULL_LENGTH || headersAt > end) return undefined
  const headers = count === 0 ? NO_HEADERS : decodeHeaders(buffer, headersAt, end, count)
  return (
    headers && {
      topic: place.topic,
      partition: place.partition,
      offset,
      timestampMs: buffer.readDoubleLE(at),
      timestampType: place.timestampType,
      key: keyLength === NULL_LENGTH ? null : buffer.subarray(keyAt, valueAt),
      value: valueLength === NULL_LENGTH ? null : buffer.subarray(valueAt, headersAt),
      headers,
    }
  )
}

/** Bytes of key and value of the body at `at`. */
export function contentBytes(buffer: Buffer, at: number): number {
  return Math.max(0, buffer.readInt32LE(at + 8)) + Math.max(0, buffer.readInt32LE(at + 12))
}

function decodeHeaders(buffer: Buffer, from: number, end: number, count: number): Headers | undefined {
  const headers: [string, Uint8Array][] = []
  let at = from
  for (let n = 0; n < count; n++) {
    if (at + 2 > end) return undefined
    const valueAt = at + 2 + buffer.readUInt16LE(at)
    if (valueAt + 4 > end) return undefined
    const name = buffer.toString('utf8', at + 2, valueAt)
    at = valueAt + 4 + buffer.readUInt32LE(valueAt)
    if (at > end) return undefined
    headers.push([name, buffer.subarray(valueAt + 4, at)])
  }
  return headers
}

function bound(content: string | Uint8Array | null): number {
  if (content === null) return 0
  return typeof content === 'string' ? content.length * 3 : content.length
}

function headerBound(record: OutgoingRecord, names: readonly string[]): number {
  let bytes = 0
  for (const name of names) bytes += 6 + bound(name) + bound(record.headers[name]!)
  return bytes
}
