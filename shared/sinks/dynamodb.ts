import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { MillraceError, reasonOf } from '../errors.ts'
import { noRows, type RowOutcome, type TableRow, type TableSink } from './sink.ts'

/** At most this many rows are on their way at once. */
export const ROWS_IN_FLIGHT_MAX = 64
const TOMBSTONE_SECONDS = 86_400

/** How rows have cost so far. */
export interface TableUsage {
  writes: number
  writeUnits: number
}

/** The lane that a row belongs to. DynamoDB says it when it refuses a row; some that stand in for it have to be asked. */
export type OwnerOf = (table: string, row: TableRow) => Promise<string | undefined>

/**
 * Output tables in DynamoDB: `pk` (key), `sk` (window), `value` (JSON text), `at` (event time, epoch ms) and the identity
 * `lane` and `seq`. The only place that writes them: every put has a condition.
 */
export function dynamoTableSink({
  client,
  nowMs = Date.now,
  ownerOf,
}: {
  client: DynamoDBClient
  nowMs?: () => number
  ownerOf?: OwnerOf
}): TableSink & { readonly usage: TableUsage } {
  const usage: TableUsage = { writes: 0, writeUnits: 0 }
  return {
    usage,
    async write(table, rows) {
      const chains = groupByRow(rows)
      const outcomes = noRows()
      await inParallel(chains, ROWS_IN_FLIGHT_MAX, async (chain) => {
        for (const row of chain) outcomes[await put(client, table, row, nowMs, usage, ownerOf)]++
      })
      return outcomes
    },
    async close() {
      client.destroy()
    },
  }
}

/** Creates an output table unless it exists, for the laptop and tests. In AWS the stack does it. */
export async function ensureOutputTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    )
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw tableFailure(table, error)
  }
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 }, { TableName: table })
}

/** A sequence as text that sorts like it: 16 digits per number. */
export const sequenceText = (sequence: readonly number[]): string =>
  sequence.map((n) => String(n).padStart(16, '0')).join('.')

async function put(
  client: DynamoDBClient,
  table: string,
  row: TableRow,
  nowMs: () => number,
  usage: TableUsage,
  ownerOf: OwnerOf | undefined,
): Promise<RowOutcome> {
  const value =
    row.value === null
      ? { expiresAt: { N: String(Math.floor(nowMs() / 1_000) + TOMBSTONE_SECONDS) } }
      : { value: { S: row.value } }
  const request = new PutItemCommand({
    TableName: table,
    Item: {
      pk: { S: row.key },
      sk: { S: row.sort },
      lane: { S: row.lane },
      seq: { S: sequenceText(row.sequence) },
      at: { N: String(row.timeMs) },
      ...value,
    },
    ConditionExpression: 'attribute_not_exists(pk) OR (lane = :lane AND seq < :seq)',
    ExpressionAttributeValues: { ':lane': { S: row.lane }, ':seq': { S: sequenceText(row.sequence) } },
    ReturnConsumedCapacity: 'TOTAL',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })
  usage.writes++
  try {
    const answer = await client.send(request)
    usage.writeUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0
    return 'written'
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw tableFailure(table, error)
    const owner = error.Item?.lane?.S ?? (await ownerOf?.(table, row))
    return owner === undefined || owner === row.lane ? 'refused' : 'foreign'
  }
}

/** Rows of one key and sort, in order; different ones apart. */
function groupByRow(rows: readonly TableRow[]): TableRow[][] {
  const chains = new Map<string, TableRow[]>()
  for (const row of rows) {
    const id = `${row.key}\u0000${row.sort}`
    const chain = chains.get(id)
    if (chain === undefined) chains.set(id, [row])
    else chain.push(row)
  }
  return [...chains.values()]
}

/** Runs `work` on each item, at most `most` at once; the first failure ends it after what is on its way. */
async function inParallel<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  let failed = false
  const worker = async () => {
    while (next < items.length && !failed) {
      try {
        await work(items[next++]!)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, worker))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

const refusals = new Set(['ValidationException', 'ResourceNotFoundException', 'AccessDeniedException'])

/** What a failure of DynamoDB means to whoever reads or writes a table. */
export function tableFailure(table: string, error: unknown): MillraceError {
  const reason = reasonOf(error)
  const code = refusals.has(reason) ? 'SINK_REFUSED' : 'SINK_UNREACHABLE'
  return new MillraceError(code, { target: `table ${table}`, reason }, { cause: error })
}
