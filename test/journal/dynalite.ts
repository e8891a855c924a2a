import { once } from 'node:events'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

/** A server that speaks DynamoDB's protocol, in this process and memory, and a client of it. */
export async function startDynalite(): Promise<{ client: DynamoDBClient; stop(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('dynalite listens on no port')
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
  })
  const stop = async () => {
    client.destroy()
    server.close()
    await once(server, 'close')
  }
  return { client, stop }
}
