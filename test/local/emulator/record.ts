import type { BrokerRecord } from '../../../shared/broker/broker.ts'

/** A record of `orders`; what is not given is the same for all. */
export const recordAt = (partition: number, offset: number, fields: Partial<BrokerRecord> = {}): BrokerRecord => ({
  topic: 'orders',
  partition,
  offset,
  timestampMs: 1_000,
  timestampType: 'CREATE_TIME',
  key: null,
  value: null,
  headers: [],
  ...fields,
})

/** Records of one partition, `to` not included. */
export const recordsOf = (partition: number, from: number, to: number): BrokerRecord[] =>
  Array.from({ length: to - from }, (_, n) => recordAt(partition, from + n))

/** `0:5` is offset 5 of partition 0. */
export const namesOf = (records: readonly { readonly partition: number; readonly offset: number }[]): string[] =>
  records.map(({ partition, offset }) => `${partition}:${offset}`)
