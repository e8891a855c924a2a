import { join } from 'node:path'
import type { Broker } from '../../shared/broker/broker.ts'
import { MillraceError } from '../../shared/errors.ts'
import type { TopicSink } from '../../shared/sinks/sink.ts'
import { GroupStore } from './group-store.ts'
import type { PartitionLog } from './partition-log.ts'
import { type OpenTopic, TopicStore } from './topic-store.ts'

/** Topics, consumer groups and producing, all in one directory and for one process. */
export interface DiskBroker extends Broker, TopicSink {
  deleteTopic(topic: string): void
  /** What retention does: the oldest record left is the one at `offset`. Does not free the space. */
  deleteRecordsBefore(topic: string, partition: number, offset: number): void
}

/**
 * Kafka's topics as files under `directory`: `topics/NAME/PARTITION.log` and `groups/NAME.json`. Of a topic's settings
 * `message.timestamp.type` (`LogAppendTime` stamps records by `clock`) and `max.message.bytes` have an effect; nothing
 * expires. What a kill of the process leaves unfinished is undone when it is opened again.
 */
export function diskBroker(directory: string, clock: { nowMs(): number }): DiskBroker {
  const topics = new TopicStore(join(directory, 'topics'))
  const groups = new GroupStore(join(directory, 'groups'))

  const topicOf = (name: string): OpenTopic =>
    topics.find(name) ?? missing(`There is no topic ${JSON.stringify(name)}.`)
  const logOf = (name: string, partition: number): PartitionLog =>
    topicOf(name).logs[partition] ?? missing(`There is no partition ${partition} of topic ${JSON.stringify(name)}.`)

  return {
    async describe(name) {
      const topic = topics.find(name)
      return topic && { id: topic.id, partitions: topic.logs.length }
    },
    async ensureTopic(topic) {
      topics.create(topic)
    },
    async startOffsets(topic) {
      return topicOf(topic).logs.map((log) => log.start)
    },
    async endOffsets(topic) {
      return topicOf(topic).logs.map((log) => log.end)
    },
    async committed(group, topic) {
      return groups.committed(group, topic, topicOf(topic).logs.length)
    },
    async commit(group, topic, offsets) {
      for (const { partition } of offsets) logOf(topic, partition)
      groups.commit(group, topic, offsets)
    },
    async groups() {
      return groups.names()
    },
    async deleteGroup(group) {
      groups.delete(group)
    },
    async fetch(topic, partition, fromOffset, limits) {
      return logOf(topic, partition).read(fromOffset, limits)
    },
    async append(name, partition, records) {
      const topic = topics.find(name)
      if (!topic) throw refused(name, 'there is no such topic')
      const log = topic.logs[partition]
      if (!log) throw refused(name, `it has ${topic.logs.length} partitions, so no partition ${partition}`)
      log.append(records, topic.stamped ? clock.nowMs() : undefined)
    },
    deleteTopic(topic) {
      topics.delete(topic)
      groups.forget(topic)
    },
    deleteRecordsBefore(topic, partition, offset) {
      logOf(topic, partition).deleteBefore(offset)
    },
    async close() {
      topics.close()
    },
  }
}

function missing(problem: string): never {
  throw new MillraceError('USAGE', { problem, fix: 'Create it with ensureTopic(), or correct the name.' })
}

function refused(topic: string, reason: string): MillraceError {
  return new MillraceError('SINK_REFUSED', { target: `topic ${JSON.stringify(topic)}`, reason })
}
