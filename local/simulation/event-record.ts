import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'

const made = new WeakMap<BrokerRecord, KafkaEventRecord>()

/** A record as the mapping hands it to a function. */
export function eventRecord(record: BrokerRecord): KafkaEventRecord {
  let event = made.get(record)
  if (event === undefined) {
    const { key, value, headers, timestampMs, ...place } = record
    event = {
      ...place,
      timestamp: timestampMs,
      ...(key !== null && { key: Buffer.from(key).toString('base64') }),
      ...(value !== null && { value: Buffer.from(value).toString('base64') }),
      headers: headers.map(([name, bytes]) => ({ [name]: [...bytes] })),
    }
    made.set(record, event)
  }
  return event
}
