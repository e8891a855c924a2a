import type { BrokerRecord } from '../broker/broker.ts'
import type { Key } from '../engine/key.ts'
import type { Topic } from '../processor/topic.ts'

/** What may be said of a record beside its value. */
export interface PipeOptions {
  /** Default: the topic's key of the value; null: none. */
  key?: Key | null
  /** The record's own timestamp, epoch ms. Default: its event time, or the driver's clock when that is later. */
  timestamp?: number
  headers?: Readonly<Record<string, string>>
  /** Default: where the key belongs. */
  partition?: number
}

/** One record of an output topic, as it stands there. */
export interface Written<T> {
  readonly key: string | null
  /** null: a tombstone. */
  readonly value: T | null
  /** Event time, epoch ms. */
  readonly timestamp: number
  readonly partition: number
  readonly offset: number
  readonly headers: Readonly<Record<string, string>>
}

/** One row of an output table. */
export interface Row<T> {
  readonly key: string
  /** `-`, or the window's start and end. */
  readonly sort: string
  readonly value: T | null
  readonly timestamp: number
}

/** A record as it stands in an output topic. */
export function written({ key, value, timestampMs, partition, offset, headers }: BrokerRecord): Written<unknown> {
  const text = Object.fromEntries(headers.map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')]))
  return {
    key: key === null ? null : Buffer.from(key).toString('utf8'),
    value: parse(value),
    timestamp: timestampMs,
    partition,
    offset,
    headers: text,
  }
}

/** The JSON that a record or a row holds; null for a delete. */
export const parse = (value: Uint8Array | string | null): unknown =>
  value === null ? null : JSON.parse(typeof value === 'string' ? value : Buffer.from(value).toString('utf8'))

/** A value as a reader of the topic sees it: what the schema makes of it; itself if it does not fit. */
export function asRead(topic: Topic, value: unknown): unknown {
  const outcome = topic.schema['~standard'].validate(JSON.parse(JSON.stringify(value)))
  return outcome instanceof Promise || outcome.issues !== undefined ? value : outcome.value
}

export function keyOf(topic: Topic, read: unknown): Key | null {
  return read === null || topic.key === undefined ? null : topic.key(read as NonNullable<unknown>)
}

/** The event time of a value, or the driver's clock when that is later. */
export function timeOf(topic: Topic, read: unknown, nowMs: number): number {
  const timeMs = read === null || topic.time === undefined ? nowMs : topic.time(read as NonNullable<unknown>)
  return Number.isSafeInteger(timeMs) && timeMs > nowMs ? timeMs : nowMs
}
