import { type Admin, type Connection, ProtocolError } from '@platformatic/kafka'
import { MillraceError } from '../errors.ts'
import type { BrokerRecord, FetchLimits } from './broker.ts'
import type { KafkaClient } from './kafka-client.ts'
import { type FetchAnswer, fetchBatches } from './kafka-fetch.ts'
import { startOffsets, subjectOf } from './kafka-topics.ts'
import { RecordCursor } from './record-cursor.ts'

/** Records of one partition, [from, next), as they came in one answer. */
interface Block {
  readonly topicId: string
  readonly from: number
  readonly next: number
  readonly cursor: RecordCursor
}

export interface BlockOptions {
  /** How much to ask a broker for at once. */
  readonly blockBytes: number
  /** How many partitions to keep an unfinished block of. */
  readonly blocksMax: number
}

const OFFSET_OUT_OF_RANGE = 1

/**
 * Reads in blocks, so that small steps through a partition cost one request per block.
 * What is held is only ever older than the log in having less at its end.
 */
export function recordReader(client: KafkaClient, options: BlockOptions) {
  // Least recently used first.
  const blocks = new Map<string, Block>()

  function held(key: string, topic: string, offset: number): Block | undefined {
    const block = blocks.get(key)
    if (block === undefined || block.topicId !== client.knownId(topic)) return undefined
    return block.from <= offset && offset < block.next ? block : undefined
  }

  function hold(key: string, block: Block): void {
    blocks.delete(key)
    blocks.set(key, block)
    for (const oldest of blocks.keys()) {
      if (blocks.size <= options.blocksMax) break
      blocks.delete(oldest)
    }
  }

  async function load(topic: string, partition: number, offset: number): Promise<Block | undefined> {
    const { topicId, answer } = await ask(client, topic, partition, offset, options.blockBytes)
    if (answer.errorCode === OFFSET_OUT_OF_RANGE) {
      const start = (await startOffsets(client, topic))[partition] ?? 0
      return offset < start ? load(topic, partition, start) : undefined
    }
    const next = answer.batches.at(-1)?.nextOffset ?? offset
    if (next <= offset) return undefined
    const cursor = new RecordCursor(topic, partition, answer.batches, offset)
    return { topicId, from: offset, next, cursor }
  }

  return async (topic: string, partition: number, from: number, limits: FetchLimits): Promise<BrokerRecord[]> => {
    const key = `${topic}/${partition}`
    for (let offset = from; ; ) {
      const block = held(key, topic, offset) ?? (await load(topic, partition, offset))
      if (block === undefined) return []
      hold(key, block)
      const records = take(block.cursor, Math.max(offset, block.from), limits)
      if (records.length > 0) return records
      // Transaction markers and what compaction took out leave offsets without records.
      offset = block.next
    }
  }
}

function take(cursor: RecordCursor, offset: number, limits: FetchLimits): BrokerRecord[] {
  if (cursor.offset !== offset) cursor.seek(offset)
  const records: BrokerRecord[] = []
  let bytes = 0
  while (records.length < limits.maxRecords && (bytes < limits.maxBytes || records.length === 0)) {
    const record = cursor.next()
    if (record === undefined) break
    records.push(record)
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
  }
  return records
}

function ask(client: KafkaClient, topic: string, partition: number, fromOffset: number, maxBytes: number) {
  return client.run(subjectOf(topic), async (admin, attempt) => {
    const { topicId, leader } = await leaderOf(admin, topic, partition, attempt > 0)
    const answer: FetchAnswer = await fetchBatches(leader, { topicId, partition, fromOffset, maxBytes })
    const fine = answer.errorCode === 0 || answer.errorCode === OFFSET_OUT_OF_RANGE
    if (!fine) throw new ProtocolError(answer.errorCode)
    return { topicId, answer }
  })
}

async function leaderOf(admin: Admin, topic: string, partition: number, forceUpdate: boolean) {
  const metadata = await admin.metadata({ topics: [topic], forceUpdate })
  const found = metadata.topics.get(topic)
  const there = found?.partitions[partition]
  if (found === undefined || there === undefined) {
    const problem = `There is no partition ${partition} of ${subjectOf(topic)}.`
    throw new MillraceError('USAGE', {
      problem,
      fix: `It has ${found?.partitionsCount ?? 0} partitions, counted from 0.`,
    })
  }
  const leader: Connection = await admin.connections.get(metadata.brokers.get(there.leader)!)
  return { topicId: found.id, leader }
}
