import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { databaseClient } from '../local/database/client.ts'
import { embeddedDatabase } from '../local/database/embedded.ts'
import { startDynamoDbLocal } from '../test/servers/dynamodb-local.ts'
import type { Database } from './options.ts'

/** An empty database on this machine. */
export interface RunningDatabase {
  readonly name: string
  readonly endpoint: string
  readonly client: DynamoDBClient
  close(): Promise<void>
}

/** Starts the database; DynamoDB Local is fetched through Maven the first time. */
export async function startDatabase(kind: Database): Promise<RunningDatabase> {
  const server = kind === 'dynalite' ? await startDynalite() : await startLocal()
  const client = databaseClient(server.endpoint)
  return {
    ...server,
    client,
    async close() {
      client.destroy()
      await server.close()
    },
  }
}

async function startDynalite() {
  const { endpoint, close } = await embeddedDatabase(undefined)
  return { name: 'dynalite, in a thread of this process', endpoint, close }
}

async function startLocal() {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const { address, stop } = await startDynamoDbLocal({ dir })
  const close = async () => {
    await stop()
    await rm(dir, { recursive: true, force: true })
  }
  return { name: 'DynamoDB Local', endpoint: address, close }
}
