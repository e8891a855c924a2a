import { Consumer, compatibilityPartitioner, type MessageToProduce, Producer } from '@platformatic/kafka'
import type { Broker } from '../../shared/broker/broker.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { clientOptions } from '../../shared/broker/kafka-connection.ts'
import { PARTITIONS } from '../data/transactions.ts'
import { type Computation, computations } from './computations.ts'
import { connectionTo, measured, type RunRequest, type RunResult, SOURCE } from './run.ts'

const FETCH_LIMITS = { maxRecords: 10_000, maxBytes: 1 << 20 }
// All may go to one partition, and a batch of a partition is 1 MB at the most.
const OUTPUTS_AT_ONCE = 5_000
const ACKS_OF_ALL = -1

/** A loop as one writes it by hand: Maps in memory, outputs acknowledged by all replicas, offsets committed behind them. */
export async function runPlain(request: RunRequest): Promise<RunResult> {
  const options = clientOptions(connectionTo(request.brokers, request.name))
  const producer = new Producer({ ...options, partitioner: compatibilityPartitioner })
  const loop = new Loop(request.processor, producer)
  await producer.metadata({ topics: [SOURCE] })
  const work = request.way === 'plain, same fetch' ? fetchAll : streamAll
  const result = await measured(async () => {
    await work(request, loop)
    await loop.finish()
    return { read: loop.read, outputs: loop.outputs }
  })
  await producer.close(true)
  return result
}

/** The computation of each partition, and the outputs that have not been sent. */
class Loop {
  read = 0
  outputs = 0
  readonly #computations: Computation[]
  readonly #producer: Producer
  #pending: MessageToProduce[] = []

  constructor(processor: string, producer: Producer) {
    const { topic, newComputation } = computations[processor]!
    const emit = (key: string, value: object) => {
      this.#pending.push({ topic, key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) })
    }
    this.#producer = producer
    this.#computations = Array.from({ length: PARTITIONS }, (_, partition) => newComputation(partition, emit))
  }

  take(partition: number, offset: number, value: Uint8Array): void {
    this.read++
    this.#computations[partition]!.take(JSON.parse(value.toString()), offset)
  }

  async send(): Promise<void> {
    const messages = this.#pending
    this.#pending = []
    this.outputs += messages.length
    for (let n = 0; n < messages.length; n += OUTPUTS_AT_ONCE)
      await this.#producer.send({ messages: messages.slice(n, n + OUTPUTS_AT_ONCE), acks: ACKS_OF_ALL })
  }

  async finish(): Promise<void> {
    for (const computation of this.#computations) computation.finish()
    await this.send()
  }
}

/** Reads block by block, the way that the emulated mapping does. */
async function fetchAll({ brokers, name, records }: RunRequest, loop: Loop): Promise<void> {
  const broker = kafkaBroker(connectionTo(brokers, name))
  const offsets = new Array<number>(PARTITIONS).fill(0)
  while (loop.read < records) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const found = await broker.fetch(SOURCE, partition, offsets[partition]!, FETCH_LIMITS)
      for (const { offset, value } of found) loop.take(partition, offset, value!)
      offsets[partition]! += found.length
    }
    await loop.send()
    await commit(broker, name, offsets)
  }
  await broker.close()
}

const commit = (broker: Broker, group: string, offsets: readonly number[]): Promise<void> =>
  broker.commit(
    group,
    SOURCE,
    offsets.map((offset, partition) => ({ partition, offset, metadata: '' })),
  )

/** Reads the client's own stream of messages, as its documentation shows. */
async function streamAll({ brokers, name, records }: RunRequest, loop: Loop): Promise<void> {
  const consumer = new Consumer({ ...clientOptions(connectionTo(brokers, name)), groupId: name })
  const stream = await consumer.consume({ topics: [SOURCE], mode: 'earliest', autocommit: true })
  for await (const { partition, offset, value } of stream) {
    loop.take(partition, Number(offset), value)
    if (loop.read % OUTPUTS_AT_ONCE === 0) await loop.send()
    if (loop.read === records) break
  }
  await stream.close()
  await consumer.close(true)
}
