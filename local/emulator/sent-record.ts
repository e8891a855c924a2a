import type { MemoryRecord } from '../../shared/broker/memory.ts'
import { partitionFor } from '../../shared/sinks/partitioner.ts'

/** A record to be sent; what is not given is null, or now. */
export interface SentRecord {
  readonly partition?: number
  readonly key?: string | Uint8Array | null
  /** Text and bytes go as they are, anything else as JSON; null is a tombstone. */
  readonly value?: unknown
  /** A list where a name occurs more than once. */
  readonly headers?: Readonly<Record<string, string | Uint8Array>> | readonly (readonly [string, string | Uint8Array])[]
  /** Epoch ms. */
  readonly timestampMs?: number
}

/** The record as a topic has it, and its partition. */
export function recordOf(
  { partition, key = null, value = null, headers = {}, timestampMs }: SentRecord,
  topic: { readonly partitions: number; readonly turn: number; readonly nowMs: number },
): MemoryRecord & { readonly partition: number } {
  const keyBytes = key === null ? null : bytesOf(key)
  return {
    partition: partition ?? (keyBytes ? partitionFor(keyBytes, topic.partitions) : topic.turn % topic.partitions),
    timestampMs: timestampMs ?? topic.nowMs,
    timestampType: 'CREATE_TIME',
    key: keyBytes,
    value: value === null ? null : bytesOf(value),
    headers: (isPairs(headers) ? headers : Object.entries(headers)).map(
      ([name, text]) => [name, bytesOf(text)] as const,
    ),
  }
}

/** Records of every kind that takes handlers by surprise, each with a name that says which. */
export const awkwardRecords: Readonly<Record<string, SentRecord>> = {
  'a tombstone': { key: 'key', value: null },
  'no key': { value: '{}' },
  'an empty key': { key: '', value: '{}' },
  'an empty value': { key: 'key', value: '' },
  'a value that is not JSON': { key: 'key', value: '{"half":' },
  'a value that is not UTF-8': { key: 'key', value: Uint8Array.of(0xff, 0xfe, 0x00) },
  'a key that is not UTF-8': { key: Uint8Array.of(0xc3, 0x28), value: '{}' },
  'a value that is null in JSON': { key: 'key', value: 'null' },
  'a header twice': {
    key: 'key',
    value: '{}',
    headers: [
      ['name', 'a'],
      ['name', 'b'],
    ],
  },
  'a header without bytes': { key: 'key', value: '{}', headers: { empty: '' } },
  'a header with bytes above 127': { key: 'key', value: '{}', headers: { bytes: Uint8Array.of(0, 127, 128, 255) } },
  'a timestamp of 0': { key: 'key', value: '{}', timestampMs: 0 },
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}

const isPairs = (
  headers: NonNullable<SentRecord['headers']>,
): headers is readonly (readonly [string, string | Uint8Array])[] => Array.isArray(headers)
