import type { ErrorCode } from '../../shared/errors.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { T } from '../lambda/harness.ts'

/** Stands in every value and key of the corpus, and must not turn up in any log, metric or error. */
export const CANARY = 'canary-7f3a9c'

/** What becomes of a record: parked for a reason, or taken with a defined result. */
export type Outcome = ErrorCode | 'counted' | 'filtered' | 'late'

/** What a record is made of; undefined: as a good one has it. */
export interface HostileRecord {
  /** Text as UTF-8, raw bytes, or none (`null`, or `'absent'` for a field that is not there). */
  readonly key?: string | Uint8Array | null | 'absent'
  readonly value?: string | Uint8Array | null | 'absent'
  /** Instead of `key` and `value`: the text that stands where base64 should. */
  readonly base64?: { readonly key?: string; readonly value?: string }
  readonly timestamp?: number
  readonly headers?: unknown
}

/** One line of the corpus. */
export interface HostileCase {
  readonly id: string
  readonly record: HostileRecord
  /** In a stage with state, which needs key and event time. */
  readonly cardSpend: Outcome
  /** In a stage without state, which passes amounts above 1,000 on. */
  readonly largeTransactions: Outcome
  /** In a stage that looks for a pattern; left out: as in the one with state. */
  readonly fraudDetection?: Outcome
  /** What a taken record puts out, in part; checked where given. */
  readonly result?: { readonly cardSpend?: object; readonly largeTransactions?: object }
}

/** A case with one outcome everywhere. */
export const both = (id: string, record: HostileRecord, outcome: Outcome): HostileCase => ({
  id,
  record,
  cardSpend: outcome,
  largeTransactions: outcome,
})

/** Event time and timestamp of a good hostile record. */
export const AT = T + 10_000
export const CARD = `card-${CANARY}`

/** The value of a large, sound transaction, with changes and additions. */
export const tx = (changes: object = {}): Record<string, unknown> => ({
  id: CANARY,
  cardId: CARD,
  amount: 5_000,
  merchant: CANARY,
  country: 'DE',
  at: AT,
  ...changes,
})

/** The same as text, with more members written as they are: what no object could hold. */
export function txText(members: string, changes: object = {}): string {
  return `${JSON.stringify(tx(changes)).slice(0, -1)},${members}}`
}

/** The text of a transaction in which one member is written as it is. */
export function txWith(member: string, literal: string): string {
  const { [member]: _, ...rest } = tx()
  return `${JSON.stringify(rest).slice(0, -1)},${JSON.stringify(member)}:${literal}}`
}

/** A card's own record: key and value agree. */
export const ofCard = (cardId: string, changes: object = {}): HostileRecord => ({
  key: cardId,
  value: JSON.stringify(tx({ cardId, ...changes })),
})

/** The record as Lambda hands it over. */
export function eventRecord(offset: number, record: HostileRecord): KafkaEventRecord {
  const { key = CARD, value = JSON.stringify(tx()), base64 = {}, timestamp = AT, headers = [] } = record
  return {
    topic: 'transactions',
    partition: 5,
    offset,
    timestamp,
    timestampType: 'CREATE_TIME',
    ...part('key', base64.key, key),
    ...part('value', base64.value, value),
    headers: headers as KafkaEventRecord['headers'] & object,
  }
}

function part(name: string, base64: string | undefined, bytes: string | Uint8Array | null): object {
  if (base64 !== undefined) return { [name]: base64 }
  if (bytes === 'absent') return {}
  return { [name]: bytes === null ? null : Buffer.from(bytes as string).toString('base64') }
}
