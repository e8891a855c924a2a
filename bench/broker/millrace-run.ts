import { setTimeout as sleep } from 'node:timers/promises'
import { databaseClient } from '../../local/database/client.ts'
import { systemClock } from '../../local/emulator/clock.ts'
import { Mapping } from '../../local/emulator/mapping.ts'
import { awsDefaults } from '../../local/emulator/settings.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { dynamoJournalStore, ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import type { Stage } from '../../shared/processor/index.ts'
import { stageHandler } from '../../shared/runtime/handler.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import { stageOf } from '../parts.ts'
import { windowStages } from '../windows/processors.ts'
import { connectionTo, measured, type RunRequest, type RunResult, SOURCE } from './run.ts'

const LOOK_EVERY_MS = 100

/** The processor behind the emulated event source mapping, its state in the database. */
export async function runMillrace(request: RunRequest): Promise<RunResult> {
  const stage = stageOf(request.processor) ?? windowStages.find(({ stage }) => stage.id === request.processor)!.stage
  const ports = await openPorts(request)
  const mapping = newMapping(stage, ports, request)
  await ports.broker.describe(SOURCE)
  const result = await measured(async () => {
    await mapping.start()
    mapping.hurry()
    while ((await mapping.lag()) > 0) await sleep(LOOK_EVERY_MS)
    if (stage.stateful) await mapping.invoke({ millrace: 'close-windows' })
    await mapping.stop()
    const { counts } = mapping.totals()
    return { read: counts.read, outputs: counts.emitted }
  })
  await Promise.all([ports.broker.close(), ports.topics.close(), ports.journal.close()])
  return result
}

async function openPorts({ brokers, databaseEndpoint, name }: RunRequest): Promise<Ports> {
  const connection = connectionTo(brokers, name)
  const client = databaseClient(databaseEndpoint)
  const table = `bench-${name}`
  await ensureJournalTable(client, table)
  return {
    journal: dynamoJournalStore({ client, table }),
    topics: kafkaTopicSink(connection),
    tables: {
      write: () => Promise.reject(new Error('none of these processors writes a table')),
      close: async () => {},
    },
    broker: kafkaBroker(connection),
    clock: systemClock,
    log: (level, event) => {
      if (level === 'error') console.error(event)
    },
  }
}

function newMapping(stage: Stage, ports: Ports, { brokers, name }: RunRequest): Mapping {
  return new Mapping({
    stage: { ...stage, group: `${stage.group}.${name}` },
    broker: ports.broker,
    clock: systemClock,
    newHandler: () => stageHandler(stage, ports),
    eventSource: { eventSource: 'SelfManagedKafka', bootstrapServers: brokers },
    settings: { ...awsDefaults, batchRecordsMax: 10_000 },
    onError: (error) => console.error(error),
  })
}
