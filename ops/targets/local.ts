import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { usage } from '../../local/cli/flags.ts'
import { systemClock } from '../../local/emulator/clock.ts'
import { openLedger } from '../../local/feed/ledger.ts'
import { LEDGER } from '../../local/run/feeding.ts'
import { Pauses } from '../../local/run/pauses.ts'
import { openPlaces, type PlaceOptions } from '../../local/run/places.ts'
import { JOURNAL_TABLE } from '../../local/run/prepare.ts'
import { Troubles } from '../../local/run/troubles.ts'
import type { Broker } from '../../shared/broker/broker.ts'
import { dynamoJournalStore } from '../../shared/journal/dynamodb.ts'
import { stageHandler } from '../../shared/runtime/handler.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { dynamoTableSink } from '../../shared/sinks/dynamodb.ts'
import { dynamoTableReader } from '../../shared/sinks/dynamodb-reader.ts'
import { dynamoRowOwner } from '../../shared/sinks/dynamodb-row-owner.ts'
import type { TopicSink } from '../../shared/sinks/sink.ts'
import type { Mappings, Target } from '../target.ts'
import { dynamoItems } from './dynamo-items.ts'

/** Nobody stops a function that runs in this process. */
const TIME_LEFT_MS = 3_600_000

/**
 * The laptop run's files, or servers by address; functions run in this process.
 * @throws MillraceError `USAGE` while a run is using the directory, or when there is none; `BROKER_UNREACHABLE`, `DATABASE_UNREACHABLE`
 */
export async function localTarget(options: PlaceOptions, say: (line: string) => void): Promise<Target> {
  if (options.dataDirectory !== undefined) checkDirectory(options.dataDirectory)
  const { broker, sink, client, close } = await openPlaces(options)
  const journal = dynamoJournalStore({ client, table: JOURNAL_TABLE })
  const tables = dynamoTableSink({ client, ownerOf: dynamoRowOwner(client) })
  const rows = dynamoTableReader(client)
  const { log } = new Troubles(say)
  const ports: Ports = { journal, topics: sink, tables, rows, broker, clock: systemClock, log }
  const context = { getRemainingTimeInMillis: () => TIME_LEFT_MS, awsRequestId: 'ops' }
  return {
    broker,
    journal,
    items: dynamoItems(client, JOURNAL_TABLE),
    topics: besideFeeding(options.dataDirectory, broker, sink),
    rows,
    invoke: (stage, event) => stageHandler(stage, ports)(event, context),
    close,
  }
}

/** What an operator appends is none of the lines that runs feed: the account of those is closed before it. */
function besideFeeding(directory: string | undefined, broker: Broker, sink: TopicSink): Target['topics'] {
  if (directory === undefined) return sink
  return {
    async append(topic, partition, records) {
      await openLedger(join(directory, LEDGER), 'npm run ops', [], broker)
      await sink.append(topic, partition, records)
    },
  }
}

/** The mappings of a run that keeps its files in `directory`, whether it is running now or not. */
export function localMappings(directory: string | undefined): Mappings {
  if (directory === undefined)
    throw usage(
      'There is nothing to pause here: what feeds the stages is a run with --data DIR.',
      'Give its --data DIR.',
    )
  checkDirectory(directory)
  const pauses = new Pauses(directory)
  return {
    setPaused: async ({ id }, paused) => pauses.set(id, paused),
  }
}

/** A wrong directory must not be filled with an empty database. */
function checkDirectory(directory: string): void {
  if (existsSync(join(directory, 'topics')) || existsSync(join(directory, 'dynamodb'))) return
  throw usage(`${directory} is no data directory of a run.`, 'Give the one that npm start was given with --data.')
}
