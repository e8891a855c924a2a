import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoJournalStore } from '../../journal/dynamodb.ts'
import { dynamoTableSink } from '../../sinks/dynamodb.ts'
import { dynamoTableReader } from '../../sinks/dynamodb-reader.ts'
import type { Ports } from '../ports.ts'
import type { LambdaSettings } from './settings.ts'

const ATTEMPTS = 4
const CONNECT_WITHIN_MS = 1_000
const ANSWER_WITHIN_MS = 3_000
/** Rows in flight, and a commit per partition beside them. */
const SOCKETS_MAX = 128

/** Journal and tables over one client; it is made here and connects at the first call. */
export function databasePorts({ journalTable }: LambdaSettings): Pick<Ports, 'journal' | 'tables' | 'rows'> {
  const client = new DynamoDBClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: ANSWER_WITHIN_MS,
      // Without it a request that takes too long is only warned of.
      throwOnRequestTimeout: true,
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
    },
  })
  return {
    journal: dynamoJournalStore({ client, table: journalTable ?? '' }),
    tables: dynamoTableSink({ client }),
    rows: dynamoTableReader(client),
  }
}
