import { MillraceError } from '../errors.ts'
import type { Broker, BrokerRecord, CommittedOffset, FetchLimits, NewTopic } from './broker.ts'

/** A record on its way into a memory broker; the broker adds where it lands. */
export type MemoryRecord = Pick<BrokerRecord, 'timestampMs' | 'timestampType' | 'key' | 'value' | 'headers'>

/** A broker inside the process. It owns no timer and no clock, and every call has happened when it returns. */
export interface MemoryBroker extends Broker {
  /**
   * Appends to one partition, in the given order.
   * @throws MillraceError `USAGE` for a topic or partition that does not exist; nothing is appended.
   */
  append(topic: string, partition: number, records: readonly MemoryRecord[]): void
  /** Drops the records below `offset`, as a broker's retention does. Offsets of the others stay. */
  deleteRecordsBefore(topic: string, partition: number, offset: number): void
  /** Raises the number of partitions to `partitions`; the new ones are empty. */
  addPartitions(topic: string, partitions: number): void
  /** Takes its records and what groups have committed on it along. */
  deleteTopic(topic: string): void
}

interface Log {
  /** Offset of `records[0]`. */
  start: number
  records: BrokerRecord[]
}

interface Topic {
  readonly id: string
  readonly logs: Log[]
  /** By group, then by partition. */
  readonly committed: Map<string, CommittedOffset[]>
}

/** An empty broker. Settings of topics are accepted and have no effect: nothing expires. */
export function memoryBroker(): MemoryBroker {
  const topics = new Map<string, Topic>()
  let made = 0

  const topicOf = (name: string): Topic => topics.get(name) ?? missing(`There is no topic ${JSON.stringify(name)}.`)
  const logOf = (name: string, partition: number): Log =>
    topicOf(name).logs[partition] ?? missing(`There is no partition ${partition} of topic ${JSON.stringify(name)}.`)
  const create = ({ name, partitions }: NewTopic): void => {
    if (topics.has(name)) return
    made += 1
    topics.set(name, {
      id: `memory-${made}`,
      logs: Array.from({ length: partitions }, () => ({ start: 0, records: [] })),
      committed: new Map(),
    })
  }

  return {
    async describe(name) {
      const topic = topics.get(name)
      return topic && { id: topic.id, partitions: topic.logs.length }
    },
    async ensureTopic(topic) {
      create(topic)
    },
    async startOffsets(topic) {
      return topicOf(topic).logs.map((log) => log.start)
    },
    async endOffsets(topic) {
      return topicOf(topic).logs.map(endOf)
    },
    async committed(group, topic) {
      const { logs, committed } = topicOf(topic)
      return logs.map((_, partition) => committed.get(group)?.[partition])
    },
    async commit(group, topic, offsets) {
      for (const { partition } of offsets) logOf(topic, partition)
      const { committed } = topicOf(topic)
      const stored = [...(committed.get(group) ?? [])]
      for (const offset of offsets) stored[offset.partition] = { ...offset }
      committed.set(group, stored)
    },
    async groups() {
      return [...new Set([...topics.values()].flatMap(({ committed }) => [...committed.keys()]))]
    },
    async deleteGroup(group) {
      for (const { committed } of topics.values()) committed.delete(group)
    },
    async fetch(topic, partition, fromOffset, limits) {
      return read(logOf(topic, partition), fromOffset, limits)
    },
    append(topic, partition, records) {
      const log = logOf(topic, partition)
      for (const record of records) log.records.push({ ...record, topic, partition, offset: endOf(log) })
    },
    deleteRecordsBefore(topic, partition, offset) {
      const log = logOf(topic, partition)
      const start = Math.min(Math.max(offset, log.start), endOf(log))
      log.records.splice(0, start - log.start)
      log.start = start
    },
    addPartitions(topic, partitions) {
      const { logs } = topicOf(topic)
      while (logs.length < partitions) logs.push({ start: 0, records: [] })
    },
    deleteTopic(name) {
      topics.delete(name)
    },
    async close() {},
  }
}

const endOf = (log: Log): number => log.start + log.records.length

function read(log: Log, fromOffset: number, limits: FetchLimits): BrokerRecord[] {
  const first = Math.max(fromOffset - log.start, 0)
  let bytes = 0
  let next = first
  while (next < log.records.length && next - first < limits.maxRecords && (bytes < limits.maxBytes || next === first)) {
    const record = log.records[next]!
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
    next += 1
  }
  return log.records.slice(first, next)
}

function missing(problem: string): never {
  throw new MillraceError('USAGE', { problem, fix: 'Create it with ensureTopic(), or correct the name.' })
}
