import type { BrokerRecord } from '../broker/broker.ts'
import type { KafkaEventRecord } from './kafka-event.ts'

/** A record of a topic as the mapping hands it to a function. */
export function eventRecord({
  topic,
  partition,
  offset,
  timestampMs,
  timestampType,
  key,
  value,
  headers,
}: BrokerRecord): KafkaEventRecord {
  return {
    topic,
    partition,
    offset,
    timestamp: timestampMs,
    timestampType,
    ...(key !== null && { key: Buffer.from(key).toString('base64') }),
    ...(value !== null && { value: Buffer.from(value).toString('base64') }),
    headers: headers.map(([name, bytes]) => ({ [name]: [...bytes] })),
  }
}
