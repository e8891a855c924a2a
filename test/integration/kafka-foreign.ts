import { type CompressionAlgorithmValue, type MessageToProduce, Producer } from '@platformatic/kafka'
import type { KafkaServer } from '../servers/kafka.ts'

const messages = (topic: string, values: readonly string[]): MessageToProduce[] =>
  values.map((value) => ({ topic, partition: 0, value: Buffer.from(value) }))

/** What a producer of somebody else may write: packed with a codec. */
export async function appendPacked(
  server: KafkaServer,
  topic: string,
  compression: CompressionAlgorithmValue,
  values: readonly string[],
): Promise<void> {
  const producer = new Producer({ clientId: 'foreign', bootstrapBrokers: server.address.split(','), compression })
  await producer.send({ messages: messages(topic, values), acks: -1 })
  await producer.close()
}

/** What a producer of somebody else may write: a transaction, whose end takes an offset and is no record. */
export async function appendInTransaction(
  server: KafkaServer,
  topic: string,
  values: readonly string[],
): Promise<void> {
  const bootstrapBrokers = server.address.split(',')
  const producer = new Producer({
    clientId: 'foreign',
    bootstrapBrokers,
    idempotent: true,
    retries: 20,
  })
  const transaction = await producer.beginTransaction()
  await transaction.send({ messages: messages(topic, values) })
  await transaction.commit()
  await producer.close()
}
