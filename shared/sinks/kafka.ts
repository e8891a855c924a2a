import { Producer } from '@platformatic/kafka'
import { answerOf, clientOptions, type KafkaConnection, reasonOf, within } from '../broker/kafka-connection.ts'
import { MillraceError } from '../errors.ts'
import { chunksOf } from './kafka-records.ts'
import type { TopicSink } from './sink.ts'

export interface KafkaTopicSinkOptions extends KafkaConnection {
  /** How often a batch is tried again before the sink gives up, at least 2, default 6. */
  readonly retries?: number
  /** How long one batch of up to 900 KB may take, retries included, default 30,000 ms. */
  readonly giveUpAfterMs?: number
}

/** Answers that trying again does not change. Any other failure may pass: https://kafka.apache.org/protocol#protocol_error_codes */
const REFUSALS = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
])
const METADATA_MAX_AGE_MS = 300_000
const METADATA_FRESH_MS = 60_000
const PAUSE_MAX_MS = 2_000

/**
 * Appends to topics of a Kafka cluster: acknowledged by all in-sync replicas, idempotent within a call.
 * Connects at the first append. After a call has failed, the next one starts with a producer id of its own.
 */
export function kafkaTopicSink(options: KafkaTopicSinkOptions): TopicSink {
  const giveUpAfterMs = options.giveUpAfterMs ?? 30_000
  let producer: Producer | undefined
  let closed = false

  const connected = (): Producer => {
    if (closed) throw new Error('this sink is closed')
    producer ??= newProducer(options)
    return producer
  }

  /** Ends what is under way, so that nothing is sent any more for a call that has been given up. */
  const discard = (given: Producer): void => {
    if (producer === given) producer = undefined
    given.close(true).catch(() => {})
  }

  async function append(topic: string, partition: number, records: Parameters<TopicSink['append']>[2]): Promise<void> {
    try {
      for (const messages of chunksOf(topic, partition, records)) {
        const current = connected()
        await within(giveUpAfterMs, send(current, topic, partition, messages), () => {
          discard(current)
          return new Error(`not acknowledged within ${giveUpAfterMs} ms`)
        })
      }
    } catch (error) {
      throw sinkError(topic, error)
    }
  }

  return {
    append,
    close: async () => {
      closed = true
      await producer?.close(true)
    },
  }
}

function newProducer(options: KafkaTopicSinkOptions): Producer {
  return new Producer({
    ...clientOptions(options),
    idempotent: true,
    // Below 2 the client takes an idempotent producer's retries for unlimited.
    retries: Math.max(2, options.retries ?? 6),
    retryDelay: (_client, _operation, attempt) => Math.min(100 * 2 ** attempt, PAUSE_MAX_MS),
    metadataMaxAge: METADATA_MAX_AGE_MS,
  })
}

type Messages = Parameters<Producer['send']>[0]['messages']

/**
 * The client numbers a batch after it has looked up its producer id and the topic. When a failure elsewhere resets the
 * count in between, the batch goes out under the old id with numbers already used, and the broker takes it for a
 * repeat: acknowledged, and lost. With both at hand before `send`, the batch is numbered before anything else can run.
 * https://github.com/platformatic/kafka/issues/326 is the same loss by another way, since mended.
 */
async function send(producer: Producer, topic: string, partition: number, messages: Messages): Promise<void> {
  for (;;) {
    const partitions = knownPartitions(producer, topic)
    if (partitions === undefined) await lookUp(producer, topic)
    else if (partition >= partitions)
      throw new RangeError(`it has ${partitions} partitions, so no partition ${partition}`)
    else if (producer.producerId === undefined) await producer.initIdempotentProducer({})
    else break
  }
  await producer.send({ messages })
}

function knownPartitions(producer: Producer, topic: string): number | undefined {
  const known = producer.currentMetadata?.topics.get(topic)
  return known !== undefined && known.lastUpdate >= Date.now() - METADATA_FRESH_MS ? known.partitionsCount : undefined
}

/** A topic that is not there is looked for only as long as a new one needs to show up on all brokers. */
async function lookUp(producer: Producer, topic: string): Promise<void> {
  const options = { topics: [topic], metadataMaxAge: METADATA_FRESH_MS }
  try {
    await producer.metadata({ ...options, retries: 3 })
  } catch (error) {
    if (answerOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw error
    await producer.metadata(options)
  }
}

function sinkError(topic: string, error: unknown): MillraceError {
  const facts = { target: `topic ${JSON.stringify(topic)}`, reason: reasonOf(error) }
  return new MillraceError(isRefused(error) ? 'SINK_REFUSED' : 'SINK_UNREACHABLE', facts, { cause: error })
}

function isRefused(error: unknown): boolean {
  return error instanceof RangeError || REFUSALS.has(answerOf(error) ?? '')
}
