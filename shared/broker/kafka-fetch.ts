import { type Connection, createAPI, fetchV13, type Reader } from '@platformatic/kafka'
import { flat, type RecordBatch, readBatches } from './record-batches.ts'

/** What to read: one partition of one topic, from an offset on. */
export interface FetchRequest {
  /** The topic's id as the cluster's metadata has it: an answer is never from a topic made again under the same name. */
  readonly topicId: string
  readonly partition: number
  readonly fromOffset: number
  /** The broker sends at least one batch, however large. */
  readonly maxBytes: number
}

/** A broker's answer; `errorCode` 0 means that it has read. */
export interface FetchAnswer {
  readonly errorCode: number
  readonly batches: RecordBatch[]
}

const FETCH = 1
/** Topics by id, since Kafka 3.1. The later versions add nothing that a plain read needs. */
const VERSION = 13
const READ_UNCOMMITTED = 0
const NO_SESSION = 0
const LAST_EPOCH = -1
const NO_EPOCH = -1

const api = createAPI<Parameters<typeof fetchV13.createRequest>, FetchAnswer>(
  FETCH,
  VERSION,
  fetchV13.createRequest,
  (_correlationId, _apiKey, _apiVersion, reader) => readAnswer(flat(reader)),
)

/** Asks a partition's leader for what it has now, without waiting for more. */
export function fetchBatches(leader: Connection, request: FetchRequest): Promise<FetchAnswer> {
  const partition = {
    partition: request.partition,
    currentLeaderEpoch: NO_EPOCH,
    fetchOffset: BigInt(request.fromOffset),
    lastFetchedEpoch: NO_EPOCH,
    partitionMaxBytes: request.maxBytes,
  }
  const topics = [{ topicId: request.topicId, partitions: [partition] }]
  return api.async(leader, 0, 0, request.maxBytes, READ_UNCOMMITTED, NO_SESSION, LAST_EPOCH, topics, [], '')
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, for the one partition that was asked for. */
function readAnswer(reader: Reader): FetchAnswer {
  reader.skip(THROTTLE_TIME)
  const errorCode = reader.readInt16()
  reader.skip(SESSION_ID)
  const answers = reader.readArray((topic) => {
    topic.skip(TOPIC_ID)
    return topic.readArray(readPartition)
  })
  return answers[0]?.[0] ?? { errorCode, batches: [] }
}

const THROTTLE_TIME = 4
const SESSION_ID = 4
const TOPIC_ID = 16
const PARTITION_INDEX = 4
const OFFSETS_OF_THE_LOG = 3 * 8
const ABORTED_TRANSACTION = 2 * 8
const PREFERRED_REPLICA = 4

function readPartition(reader: Reader): FetchAnswer {
  reader.skip(PARTITION_INDEX)
  const errorCode = reader.readInt16()
  reader.skip(OFFSETS_OF_THE_LOG)
  reader.readNullableArray((transaction) => transaction.skip(ABORTED_TRANSACTION))
  reader.skip(PREFERRED_REPLICA)
  return { errorCode, batches: readBatches(reader.readBytes()) }
}
