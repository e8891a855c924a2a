import type { Broker, BrokerRecord } from '../shared/broker/broker.ts'

const PAGE = { maxRecords: 5_000, maxBytes: 8_000_000 }

/** Records of a partition with offsets from `from` to before `to`, in order. */
export async function* topicRecords(
  broker: Broker,
  topic: string,
  partition: number,
  from: number,
  to: number,
): AsyncGenerator<BrokerRecord> {
  for (let next = from; next < to; ) {
    const records = await broker.fetch(topic, partition, next, PAGE)
    if (records.length === 0) return
    for (const record of records) if (record.offset < to) yield record
    next = records.at(-1)!.offset + 1
  }
}
