import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databaseClient } from '../../../local/database/client.ts'

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a request that is never answered', () => {
  it('fails, after some attempts', async () => {
    let requests = 0
    const endpoint = await listening(createServer(() => void requests++))
    const client = databaseClient(endpoint, 50)
    const failed = await client.send(new ListTablesCommand({})).catch((error: Error) => error.name)
    expect(failed).toBe('TimeoutError')
    expect(requests).toBe(5)
    client.destroy()
  })
})
