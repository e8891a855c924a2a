import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { dynamoTableSink, ensureOutputTable, ROWS_IN_FLIGHT_MAX, sequenceText } from '../../shared/sinks/dynamodb.ts'
import { dynamoRowOwner } from '../../shared/sinks/dynamodb-row-owner.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'
import type { TableRow } from '../../shared/sinks/sink.ts'
import { startDynalite } from '../journal/dynalite.ts'
import { tableSinkContract } from './table-sink-contract.ts'

tableSinkContract('memoryTableSink', async () => {
  const sink = memoryTableSink()
  return { sink, createTable: async () => {}, rows: async (table) => sink.rows(table), stop: () => sink.close() }
})

tableSinkContract('dynamoTableSink', async () => {
  const { client, stop } = await startDynalite()
  return {
    sink: dynamoTableSink({ client, nowMs: () => 0, ownerOf: dynamoRowOwner(client) }),
    createTable: (name) => ensureOutputTable(client, name),
    rows: (table) => scan(client, table),
    stop,
  }
})

describe('dynamoTableSink', () => {
  it.each([
    ['its own lane', 'l.1.0', 'refused'],
    ['another lane', 'l.1.1', 'foreign'],
  ])('a row that DynamoDB shows when it refuses (%s) is not asked for', async (_, lane, outcome) => {
    const sent: string[] = []
    const client = {
      send(command: object) {
        sent.push(command.constructor.name)
        const Item = { lane: { S: lane } }
        return Promise.reject(new ConditionalCheckFailedException({ $metadata: {}, message: '', Item }))
      },
    } as unknown as DynamoDBClient
    const sink = dynamoTableSink({ client, ownerOf: () => Promise.reject(new Error('asked')) })
    const row = { key: 'k', sort: '-', value: '1', lane: 'l.1.0', sequence: [1, 0], timeMs: 0 }
    expect(await sink.write('t', [row])).toMatchObject({ written: 0, [outcome]: 1 })
    expect(sent).toEqual(['PutItemCommand'])
  })

  it('lets tombstones expire a day later, and rows never', async () => {
    const { client, stop } = await startDynalite()
    const sink = dynamoTableSink({ client, nowMs: () => 5_000_999 })
    await ensureOutputTable(client, 'table')
    const row = { key: 'k', sort: '-', lane: 'l.1.0', sequence: [1, 0], timeMs: 0 }
    await sink.write('table', [
      { ...row, value: null },
      { ...row, key: 'other', value: '1' },
    ])
    const { Items } = await client.send(new ScanCommand({ TableName: 'table' }))
    expect(Object.fromEntries(Items!.map(({ pk, expiresAt }) => [pk!.S, expiresAt?.N]))).toEqual({
      k: String(5_000 + 86_400),
      other: undefined,
    })
    await stop()
  })

  it('writes different rows in parallel within its bound, and versions of one row after each other', async () => {
    const { client, stop } = await startDynalite()
    const sink = dynamoTableSink({ client })
    await ensureOutputTable(client, 'table')
    const underWay = countInFlight(client)
    const row = { key: 'k', sort: '-', value: '1', lane: 'l.1.0', timeMs: 0 }
    const numbers = Array.from({ length: 200 }, (_, n) => n)
    await sink.write(
      'table',
      numbers.map((n) => ({ ...row, key: `k${n}`, sequence: [n] })),
    )
    expect(underWay.most).toBeGreaterThan(1)
    expect(underWay.most).toBeLessThanOrEqual(ROWS_IN_FLIGHT_MAX)
    underWay.most = 0
    await sink.write(
      'table',
      numbers.slice(0, 20).map((n) => ({ ...row, sequence: [n] })),
    )
    expect(underWay.most).toBe(1)
    await stop()
  })

  it('says SINK_REFUSED for a table that does not exist and SINK_UNREACHABLE when nobody answers', async () => {
    const { client, stop } = await startDynalite()
    const sink = dynamoTableSink({ client })
    const rows = [{ key: 'k', sort: '-', value: '1', lane: 'l.1.0', sequence: [1, 0], timeMs: 0 }]
    await expect(sink.write('missing', rows)).rejects.toMatchObject({ code: 'SINK_REFUSED', retriable: false })
    await stop()
    await expect(sink.write('missing', rows)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE', retriable: true })
  })
})

function countInFlight(client: DynamoDBClient): { most: number } {
  const underWay = { most: 0 }
  let now = 0
  client.middlewareStack.add(
    (next) => async (request) => {
      underWay.most = Math.max(underWay.most, ++now)
      return next(request).finally(() => now--)
    },
    { step: 'initialize' },
  )
  return underWay
}

async function scan(client: DynamoDBClient, table: string): Promise<TableRow[]> {
  const rows: TableRow[] = []
  let from: Record<string, AttributeValue> | undefined
  do {
    const { Items, LastEvaluatedKey }: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ...(from !== undefined && { ExclusiveStartKey: from }),
      }),
    )
    for (const { pk, sk, value, lane, seq, at } of Items ?? [])
      rows.push({
        key: pk!.S!,
        sort: sk!.S!,
        value: value?.S ?? null,
        lane: lane!.S!,
        sequence: seq!.S!.split('.').map(Number),
        timeMs: Number(at!.N),
      })
    from = LastEvaluatedKey
  } while (from !== undefined)
  expect(rows.every(({ sequence }) => sequenceText(sequence).length === sequence.length * 17 - 1)).toBe(true)
  return rows
}
