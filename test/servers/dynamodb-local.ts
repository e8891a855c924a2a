import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { classPath } from './maven.ts'
import { freePorts, type JavaProcess, startJava, waitUntilReady } from './process.ts'

export interface DynamoDbLocalOptions {
  /** For its log, and its data if it keeps any; made if it is not there. */
  readonly dir: string
  /** Default any free one. */
  readonly port?: number
  /** Keeps tables on disk, where they survive `kill`; default in memory. */
  readonly persist?: boolean
}

/** Amazon's DynamoDB Local, running. Any credentials and any region see the same tables. */
export interface DynamoDbLocal {
  /** The endpoint, `http://host:port`. */
  readonly address: string
  readonly pids: readonly number[]
  stop(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port, and on the same data with `persist`. */
  restart(): Promise<void>
}

// Amazon's own licence: fetched by whoever runs the tests, never shipped.
const ARTIFACTS = [{ coordinates: 'com.amazonaws:DynamoDBLocal:2.6.1' }]
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'

/** Starts DynamoDB Local and waits until it answers. It takes memory with every put: start a new one for every suite. */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions): Promise<DynamoDbLocal> {
  const jars = await classPath('dynamodb-local-2.6.1', ARTIFACTS)
  const port = options.port ?? (await freePorts(1))[0]!
  const address = `http://127.0.0.1:${port}`
  const log = join(options.dir, 'dynamodb-local.log')
  const storage = options.persist ? ['-dbPath', options.dir] : ['-inMemory']
  const args = ['-Xmx256m', '-cp', jars, MAIN, ...storage, '-sharedDb', '-disableTelemetry', '-port', String(port)]
  await mkdir(options.dir, { recursive: true })

  let server: JavaProcess | undefined
  const start = async () => {
    if (server?.running) return
    server = await startJava(args, options.dir, log)
    await waitUntilReady([server], [log], () => answers(address))
  }

  await start()
  return {
    address,
    get pids() {
      return server?.running ? [server.pid] : []
    },
    stop: async () => server?.stop(),
    kill: async () => server?.kill(),
    restart: start,
  }
}

async function answers(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials, maxAttempts: 1 })
  try {
    await client.send(new ListTablesCommand({}))
  } finally {
    client.destroy()
  }
}
