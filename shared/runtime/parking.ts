import { createHash } from 'node:crypto'
import type { Parking } from '../engine/fold-spec.ts'
import { type Output, PARKED } from '../engine/outputs.ts'
import { explain } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { CellPlace, KafkaEventRecord } from './kafka-event.ts'

/** Raw bytes above this are parked by reference to where they stand. */
export const PARKED_BYTES_MAX = 32 * 1024

/** What the parked topic holds, as JSON: enough to understand, to fix and to redrive. */
export interface ParkedRecord {
  /** Stable: the same record parked twice has the same id. */
  readonly id: string
  readonly kind: 'record' | 'cell'
  readonly processor: string
  readonly generation: number
  readonly stage: string
  /** An error code. */
  readonly reason: string
  readonly detail: string
  readonly topic: string
  readonly partition: number
  /** -1 for a cell. */
  readonly offset: number
  /** Of a cell that can be put back: its name among the parked ones of its key, which is then `key`. */
  readonly cell?: string
  readonly timestamp: number
  /** base64; null: none. */
  readonly key: string | null
  /** base64; null: none, or too large to stand here (then `bytes` and `sha256` say what stands at topic, partition, offset). */
  readonly value: string | null
  readonly bytes: number
  readonly sha256?: string
  readonly headers: readonly (readonly [name: string, base64: string])[]
}

export function parkingOf(stage: Stage, partition: number): Parking {
  const where = {
    processor: stage.processor,
    generation: stage.generation,
    stage: stage.name,
    topic: stage.source.name,
    partition,
  }
  const prefix = `${stage.id}/${stage.source.name}/${partition}`
  return {
    record(raw, code, facts) {
      const record = raw as KafkaEventRecord
      const value = record.value ?? null
      const parked: ParkedRecord = {
        id: `${prefix}/${record.offset}`,
        kind: 'record',
        ...where,
        reason: code,
        detail: explain(code, facts),
        offset: record.offset,
        timestamp: record.timestamp,
        key: short(record.key ?? null),
        ...bytesOrReference(value),
        headers: headersOf(record),
      }
      return output(`${where.topic}/${partition}`, parked)
    },
    cell({ key, id, text, timeMs }, code, facts, name) {
      const parked: ParkedRecord = {
        id: `${prefix}/cell/${createHash('sha256')
          .update(`${key}\n${name ?? `${id}\n${timeMs}`}`)
          .digest('hex')
          .slice(0, 32)}`,
        kind: 'cell',
        ...where,
        reason: code,
        detail: explain(code, facts),
        offset: -1,
        timestamp: timeMs,
        ...(name !== undefined && { cell: name }),
        key: short(Buffer.from(key).toString('base64')),
        ...bytesOrReference(Buffer.from(text).toString('base64')),
        headers: [],
      }
      return output(`${where.topic}/${partition}`, parked)
    },
  }
}

/** The record as it came, for a redrive; undefined for what is parked by reference (it stands in its topic) and for cells. */
export function recordOf(parked: ParkedRecord): KafkaEventRecord | undefined {
  const { kind, topic, partition, offset, timestamp, key, value, bytes, headers } = parked
  if (kind !== 'record' || (value === null && bytes > 0)) return undefined
  return {
    topic,
    partition,
    offset,
    timestamp,
    timestampType: 'CREATE_TIME',
    key,
    value,
    headers: headers.map(([name, base64]) => ({ [name]: [...Buffer.from(base64, 'base64')] })),
  }
}

const output = (key: string, parked: ParkedRecord): Output => ({
  to: PARKED,
  key,
  value: JSON.stringify(parked),
  timeMs: parked.timestamp,
  sort: '',
})

function bytesOrReference(base64: string | null): { value: string | null; bytes: number; sha256?: string } {
  if (base64 === null) return { value: null, bytes: 0 }
  const bytes = Buffer.byteLength(base64, 'base64')
  if (bytes <= PARKED_BYTES_MAX) return { value: base64, bytes }
  return { value: null, bytes, sha256: createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex') }
}

/** A key above the limit is cut: it stands in full where the record stands. */
const short = (base64: string | null): string | null => (base64 === null ? null : base64.slice(0, 2_048))

/** How a redrive names a parked cell; undefined for records, and for cells that cannot be put back. */
export const cellOf = ({ kind, partition, key, cell }: ParkedRecord): CellPlace | undefined =>
  kind !== 'cell' || cell === undefined
    ? undefined
    : { partition, key: Buffer.from(key ?? '', 'base64').toString(), cell }

/** Kafka's headers are a list; an event that was made by hand may have anything there. */
export const listOf = (headers: KafkaEventRecord['headers']): NonNullable<KafkaEventRecord['headers']> =>
  Array.isArray(headers) ? headers : []

/** What a header takes besides its name and bytes: a record may have half a million that have neither. */
const HEADER_OVERHEAD = 16

/** The headers that fit into 4 KB. */
function headersOf(record: KafkaEventRecord): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = []
  let room = 4_096
  for (const header of listOf(record.headers))
    for (const [name, given] of Object.entries(header ?? {})) {
      const bytes = Array.isArray(given) ? given : []
      room -= HEADER_OVERHEAD + name.length + bytes.length * 2
      if (room < 0) return headers
      headers.push([name, Buffer.from(bytes).toString('base64')])
    }
  return headers
}
