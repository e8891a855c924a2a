import { createHash } from 'node:crypto'
import type { Broker, BrokerRecord } from '../../shared/broker/broker.ts'
import { eventRecord } from '../../shared/runtime/event-record.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { type ParkedRecord, recordOf } from '../../shared/runtime/parking.ts'

/** A key of this many base64 characters may have been cut. */
const KEY_CUT_AT = 2_048
const ONE = { maxRecords: 1, maxBytes: 1 }

/** The record as it came; or why it cannot be had. */
export type Original = { readonly record: KafkaEventRecord } | { readonly missing: string }

/** From the parked record itself, or from where it stands, if it is the same there. */
export async function originalOf(broker: Broker, parked: ParkedRecord): Promise<Original> {
  if (parked.kind !== 'record') return { missing: 'it is a piece of state' }
  const whole = (parked.key?.length ?? 0) < KEY_CUT_AT ? recordOf(parked) : undefined
  if (whole !== undefined) return { record: whole }
  const { topic, partition, offset } = parked
  if ((await broker.describe(topic)) === undefined) return { missing: `there is no topic ${topic} any more` }
  const [found] = await broker.fetch(topic, partition, offset, ONE)
  if (found?.offset !== offset) return { missing: `${topic} does not hold offset ${offset} any more` }
  return isSame(found, parked)
    ? { record: eventRecord(found) }
    : { missing: `another record stands at offset ${offset} of ${topic} now` }
}

function isSame({ value }: BrokerRecord, { value: parkedValue, sha256 }: ParkedRecord): boolean {
  const bytes = Buffer.from(value ?? [])
  if (sha256 !== undefined) return createHash('sha256').update(bytes).digest('hex') === sha256
  return (value === null ? null : bytes.toString('base64')) === parkedValue
}
