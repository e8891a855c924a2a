import { expect } from 'vitest'
import type { Broker, BrokerRecord } from '../../shared/broker/broker.ts'

export interface AppendedRecord {
  readonly key: string | null
  readonly value: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly timestampMs: number
}

/** An implementation under test, and the other side of it. */
export interface BrokerUnderTest {
  readonly broker: Broker
  append(topic: string, partition: number, records: readonly AppendedRecord[]): Promise<void>
  deleteTopic(topic: string): Promise<void>
  /** What retention does: the oldest record left is the one at `offset`. */
  deleteRecordsBefore(topic: string, partition: number, offset: number): Promise<void>
  stop(): Promise<void>
}

export const ALL = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }
export const NOW = Date.now()
let topics = 0
/** The name of a topic that no other test uses. */
export const newName = (): string => `contract-broker-${process.pid}-${++topics}`

/** Makes a topic that no other test uses. */
export async function newTopic(broker: Broker, partitions = 1): Promise<string> {
  const topic = newName()
  await broker.ensureTopic({ name: topic, partitions })
  return topic
}

/** `count` small records: key, value and time hold the number, `from` and up. */
export const numbered = (from: number, count: number): AppendedRecord[] =>
  Array.from({ length: count }, (_, n) => ({ key: `k${from + n}`, value: `v${from + n}`, timestampMs: NOW + from + n }))

export const values = (records: readonly BrokerRecord[]): string[] =>
  records.map(({ value }) => Buffer.from(value!).toString())

/** Reads a partition to its end, step by step, and checks that offsets only grow. */
export async function readAll(broker: Broker, topic: string, partition: number, limits = ALL): Promise<BrokerRecord[]> {
  const all: BrokerRecord[] = []
  let next = 0
  for (;;) {
    const records = await broker.fetch(topic, partition, next, limits)
    if (records.length === 0) return all
    for (const record of records) {
      expect(record.offset).toBeGreaterThanOrEqual(next)
      next = record.offset + 1
      all.push(record)
    }
  }
}
