import { type Admin, type ClusterTopicMetadata, ListOffsetTimestamps, NetworkError } from '@platformatic/kafka'
import type { NewTopic, TopicDescription } from './broker.ts'
import { isUnknownTopic, type KafkaClient } from './kafka-client.ts'
import { answerOf } from './kafka-connection.ts'

/** What the cluster now says of a topic; undefined: no such topic. */
export function describeTopic(client: KafkaClient, topic: string): Promise<TopicDescription | undefined> {
  return client.run(subjectOf(topic), async (admin) => {
    const found = await lookUp(admin, topic)
    return found && { id: found.id, partitions: found.partitionsCount }
  })
}

/** Creates the topic unless it exists, and waits until every partition has a leader. */
export async function ensureTopic(client: KafkaClient, topic: NewTopic): Promise<void> {
  const configs = Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
  const creation = { topics: [{ topic: topic.name, partitions: topic.partitions }], configs }
  await client.run(subjectOf(topic.name), async (admin) => {
    try {
      await admin.createTopics(creation)
    } catch (error) {
      if (answerOf(error) !== 'TOPIC_ALREADY_EXISTS') throw error
    }
  })
  await client.run(subjectOf(topic.name), async (admin) => {
    const found = await lookUp(admin, topic.name)
    if (found === undefined) throw new NetworkError('The topic does not show up')
    if (found.partitions.some(({ leader }) => leader < 0)) throw new NetworkError('A partition has no leader')
  })
}

/** Per partition, the offset of the oldest record that is still there. */
export const startOffsets = (client: KafkaClient, topic: string): Promise<number[]> =>
  offsetsAt(client, topic, ListOffsetTimestamps.EARLIEST)

/** Per partition, the offset that the next record will get. */
export const endOffsets = (client: KafkaClient, topic: string): Promise<number[]> =>
  offsetsAt(client, topic, ListOffsetTimestamps.LATEST)

function offsetsAt(client: KafkaClient, topic: string, timestamp: bigint): Promise<number[]> {
  return client.run(subjectOf(topic), async (admin) => {
    const count = await partitionCount(admin, topic)
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }))
    const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions }] })
    const offsets = new Array<number>(count).fill(0)
    for (const { partitionIndex, offset } of listed?.partitions ?? []) offsets[partitionIndex] = Number(offset)
    return offsets
  })
}

/** How many partitions the topic has now. An unknown topic is the client's own error, for `run` to judge. */
export async function partitionCount(admin: Admin, topic: string): Promise<number> {
  const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
  return metadata.topics.get(topic)?.partitionsCount ?? 0
}

async function lookUp(admin: Admin, topic: string): Promise<ClusterTopicMetadata | undefined> {
  try {
    const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
    return metadata.topics.get(topic)
  } catch (error) {
    if (isUnknownTopic(error)) return undefined
    throw error
  }
}

/** A topic as error texts name it. */
export const subjectOf = (topic: string): string => `topic ${JSON.stringify(topic)}`
