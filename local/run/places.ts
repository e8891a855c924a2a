import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Broker } from '../../shared/broker/broker.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import type { TopicSink } from '../../shared/sinks/sink.ts'
import type { RunOptions } from '../cli/options.ts'
import { checkDatabase, databaseClient } from '../database/client.ts'
import { embeddedDatabase } from '../database/embedded.ts'
import { systemClock } from '../emulator/clock.ts'
import type { EventSource } from '../emulator/event-builder.ts'
import { diskBroker } from '../log/disk-broker.ts'
import { openDataDirectory } from './data-directory.ts'

/** Where a run's topics and state are. */
export interface Places {
  readonly broker: Broker
  readonly sink: TopicSink
  readonly eventSource: EventSource
  readonly client: DynamoDBClient
  readonly databaseEndpoint: string
  /** For files of the run itself; undefined when nothing is kept. */
  readonly keptDirectory: string | undefined
  /** Rejects when the database inside ends before its time. */
  readonly failed: Promise<never>
  close(): Promise<void>
}

/** What says where they are. */
export type PlaceOptions = Pick<RunOptions, 'dataDirectory' | 'brokers' | 'databaseUrl'>

type Closing = (() => unknown)[]

/**
 * Opens what the flags ask for: topics in files or a real Kafka, the embedded database or a real endpoint.
 * @throws MillraceError `BROKER_UNREACHABLE`, `DATABASE_UNREACHABLE`
 */
export async function openPlaces(options: PlaceOptions): Promise<Places> {
  const closing: Closing = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const directory = await openDataDirectory(options.dataDirectory)
    closing.push(directory.release)
    const topics = await openTopics(options, directory.path, closing)
    const database = await openDatabase(options, directory.path, closing)
    return { ...topics, ...database, keptDirectory: options.dataDirectory, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openTopics({ brokers }: PlaceOptions, directory: string, closing: Closing) {
  if (brokers === undefined) {
    const broker = diskBroker(directory, systemClock)
    closing.push(() => broker.close())
    return { broker, sink: broker, eventSource: eventSource('localhost') }
  }
  const connection = { brokers, clientId: 'millrace-local', auth: { kind: 'none' } } as const
  const broker = kafkaBroker(connection)
  closing.push(() => broker.close())
  // Any question will do: it fails when nobody answers.
  await broker.describe('millrace-parked')
  const sink = kafkaTopicSink(connection)
  closing.push(() => sink.close())
  return { broker, sink: sink, eventSource: eventSource(brokers.join(',')) }
}

async function openDatabase({ databaseUrl }: PlaceOptions, directory: string, closing: Closing) {
  const embedded = databaseUrl === undefined ? await embeddedDatabase(join(directory, 'dynamodb')) : undefined
  if (embedded) closing.push(() => embedded.close())
  const databaseEndpoint = embedded?.endpoint ?? databaseUrl!
  const client = databaseClient(databaseEndpoint)
  closing.push(() => client.destroy())
  await checkDatabase(client, databaseEndpoint)
  return { client, databaseEndpoint, failed: embedded?.failed ?? new Promise<never>(() => undefined) }
}

const eventSource = (bootstrapServers: string): EventSource => ({ eventSource: 'SelfManagedKafka', bootstrapServers })
