import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEvent, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import type { MappingSettings } from './settings.ts'

/** What an event says of the mapping that made it. */
export type EventSource = Pick<KafkaEvent, 'eventSource' | 'eventSourceArn' | 'bootstrapServers'>

type Shape = Pick<MappingSettings, 'payloadBytesMax' | 'nulls' | 'headerBytes'>
type Writable<T> = { -readonly [K in keyof T]: T[K] }

const RECORD_FRAME = '{"topic":,"partition":,"offset":,"timestamp":,"timestampType":"","headers":[]}'.length
const KEY_FRAME = ',"key":""'.length
const VALUE_FRAME = ',"value":""'.length
const KEY_NULL = ',"key":null'.length
const VALUE_NULL = ',"value":null'.length

/**
 * Makes one event, and knows at every moment how many bytes its JSON has: the size is reckoned from the lengths, not by
 * writing the JSON.
 */
export class EventBuilder {
  readonly #source: EventSource
  readonly #shape: Shape
  readonly #records: Record<string, KafkaEventRecord[]> = {}
  #partition = -1
  #list: KafkaEventRecord[] = []
  #bytes: number
  #count = 0

  constructor(source: EventSource, shape: Shape) {
    this.#source = source
    this.#shape = shape
    this.#bytes = jsonBytes({ ...source, records: {} })
  }

  /** Records added. */
  get count(): number {
    return this.#count
  }

  /** Bytes of the event's JSON. */
  get bytes(): number {
    return this.#bytes
  }

  /** False when the event would become too large; a first record is always taken. */
  add(record: BrokerRecord): boolean {
    const list = record.partition === this.#partition ? undefined : `${record.topic}-${record.partition}`
    const bytes = recordBytes(record, this.#shape) + this.#separatorBytes(list)
    if (this.#count > 0 && this.#bytes + bytes > this.#shape.payloadBytesMax) return false
    if (list) this.#open(list, record.partition)
    this.#list.push(toEventRecord(record, this.#shape))
    this.#bytes += bytes
    this.#count++
    return true
  }

  event(): KafkaEvent {
    return { ...this.#source, records: this.#records }
  }

  /** Comma before the record, or brackets and name of a list that it starts. */
  #separatorBytes(list: string | undefined): number {
    if (list === undefined || this.#records[list]) return 1
    return jsonBytes(list) + ':[]'.length + (this.#count > 0 ? 1 : 0)
  }

  #open(list: string, partition: number): void {
    this.#records[list] ??= []
    this.#list = this.#records[list]
    this.#partition = partition
  }
}

/** An event of these records, whatever its size. */
export function eventOf(source: EventSource, shape: Shape, records: readonly BrokerRecord[]): KafkaEvent {
  const event = new EventBuilder(source, { ...shape, payloadBytesMax: Number.POSITIVE_INFINITY })
  for (const record of records) event.add(record)
  return event.event()
}

/** The record as it stands in an event. */
export function toEventRecord(record: BrokerRecord, shape: Pick<Shape, 'nulls' | 'headerBytes'>): KafkaEventRecord {
  const made: Writable<KafkaEventRecord> = {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestampMs,
    timestampType: record.timestampType,
  }
  if (record.key !== null) made.key = base64(record.key)
  else if (shape.nulls === 'null') made.key = null
  if (record.value !== null) made.value = base64(record.value)
  else if (shape.nulls === 'null') made.value = null
  made.headers = record.headers.map(([name, value]) => ({ [name]: headerNumbers(value, shape.headerBytes) }))
  return made
}

/** Bytes of the JSON of {@link toEventRecord}. */
export function recordBytes(record: BrokerRecord, shape: Pick<Shape, 'nulls' | 'headerBytes'>): number {
  let bytes = RECORD_FRAME + record.topic.length + 2 + record.timestampType.length
  bytes += digits(record.partition) + digits(record.offset) + digits(record.timestampMs)
  if (record.key !== null) bytes += KEY_FRAME + base64Length(record.key)
  else if (shape.nulls === 'null') bytes += KEY_NULL
  if (record.value !== null) bytes += VALUE_FRAME + base64Length(record.value)
  else if (shape.nulls === 'null') bytes += VALUE_NULL
  for (const header of record.headers) bytes += headerBytes(header, shape)
  return record.headers.length > 1 ? bytes + record.headers.length - 1 : bytes
}

function headerBytes([name, value]: BrokerRecord['headers'][number], shape: Pick<Shape, 'headerBytes'>): number {
  const numbers = shape.headerBytes === 'signed' ? new Int8Array(value) : value
  let bytes = jsonBytes(name) + '{:[]}'.length + Math.max(0, value.length - 1)
  for (const byte of numbers) bytes += byteDigits(byte)
  return bytes
}

function headerNumbers(value: Uint8Array, as: MappingSettings['headerBytes']): number[] {
  return Array.from(as === 'signed' ? new Int8Array(value) : value)
}

function base64(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer.toString('base64')
}

function base64Length(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / 3) * 4
}

function byteDigits(n: number): number {
  if (n < 0) return 1 + byteDigits(-n)
  return n < 10 ? 1 : n < 100 ? 2 : 3
}

function digits(n: number): number {
  // Today's times in ms have 13 digits.
  if (n >= 1e12 && n < 1e13) return 13
  return String(n).length
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
