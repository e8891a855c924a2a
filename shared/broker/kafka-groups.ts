import { type Admin, type Connection, FindCoordinatorKeyTypes, offsetCommitV8 } from '@platformatic/kafka'
import type { CommittedOffset } from './broker.ts'
import type { KafkaClient } from './kafka-client.ts'
import { answerOf } from './kafka-connection.ts'
import { partitionCount } from './kafka-topics.ts'

/** What a consumer group has committed, per partition of the topic. Asking does not make this client a member. */
export function committedOffsets(
  client: KafkaClient,
  group: string,
  topic: string,
): Promise<(CommittedOffset | undefined)[]> {
  return client.run(subjectOf(group, topic), async (admin) => {
    const count = await partitionCount(admin, topic)
    const topics = [{ name: topic, partitionIndexes: Array.from({ length: count }, (_, partition) => partition) }]
    const [listed] = await admin.listConsumerGroupOffsets({ groups: [{ groupId: group, topics }] })
    const offsets = new Array<CommittedOffset | undefined>(count).fill(undefined)
    for (const { partitionIndex, committedOffset, metadata } of listed?.topics[0]?.partitions ?? []) {
      const offset = Number(committedOffset)
      if (offset >= 0) offsets[partitionIndex] = { partition: partitionIndex, offset, metadata: metadata ?? '' }
    }
    return offsets
  })
}

/**
 * Stores offsets for a group that has no members now; a group with members refuses.
 * The client's own call writes no metadata, so this is one level below it.
 */
export async function commitOffsets(
  client: KafkaClient,
  group: string,
  topic: string,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  if (offsets.length === 0) return
  const partitions = offsets.map(({ partition, offset, metadata }) => ({
    partitionIndex: partition,
    committedOffset: BigInt(offset),
    committedLeaderEpoch: NO_EPOCH,
    committedMetadata: metadata,
  }))
  await client.run(subjectOf(group, topic), async (admin) => {
    const coordinator = await coordinatorOf(admin, group)
    await offsetCommitV8.api.async(coordinator, group, NO_GENERATION, '', null, [{ name: topic, partitions }])
  })
}

/** Names of all groups, those without members included. */
export function groupNames(client: KafkaClient): Promise<string[]> {
  return client.run('the consumer groups', async (admin) => [...(await admin.listGroups()).keys()])
}

/** Drops a group that has no members now; one with members refuses. */
export function deleteGroup(client: KafkaClient, group: string): Promise<void> {
  return client.run(`group ${JSON.stringify(group)}`, async (admin) => {
    try {
      await admin.deleteGroups({ groups: [group] })
    } catch (error) {
      if (answerOf(error) !== 'GROUP_ID_NOT_FOUND') throw error
    }
  })
}

const NO_EPOCH = -1
/** A commit from outside: https://kafka.apache.org/protocol#The_Messages_OffsetCommit */
const NO_GENERATION = -1

async function coordinatorOf(admin: Admin, group: string): Promise<Connection> {
  const [coordinator] = await admin.findCoordinator({ keyType: FindCoordinatorKeyTypes.GROUP, keys: [group] })
  return admin.connections.get(coordinator!)
}

const subjectOf = (group: string, topic: string): string =>
  `group ${JSON.stringify(group)} on topic ${JSON.stringify(topic)}`
