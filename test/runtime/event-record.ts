import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'

/** A record as the mapping hands it to a function. */
export function eventRecord({ key, value, headers, timestampMs, ...place }: BrokerRecord): KafkaEventRecord {
  return {
    ...place,
    timestamp: timestampMs,
    ...(key !== null && { key: Buffer.from(key).toString('base64') }),
    ...(value !== null && { value: Buffer.from(value).toString('base64') }),
    headers: headers.map(([name, bytes]) => ({ [name]: [...bytes] })),
  }
}
