import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { MillraceError, reasonOf } from '../errors.ts'
import { checkItemSize, type JournalItem, type JournalStore, type PutCondition, type StoreUsage } from './store.ts'

/**
 * The journal in a DynamoDB table with the partition key `pk` (text) and nothing else.
 * The only place that writes the journal table: every put has a condition.
 */
export function dynamoJournalStore({ client, table }: { client: DynamoDBClient; table: string }): JournalStore {
  const usage: StoreUsage = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 }
  return {
    usage,
    read: (keys) => batchGet(client, table, keys, usage),
    put: (item, condition) => conditionalPut(client, table, item, condition, usage),
    async close() {
      client.destroy()
    },
  }
}

/** Creates the table unless it exists, for the laptop and tests. In AWS the stack does it. */
export async function ensureJournalTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    )
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw unreachable(error)
  }
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 }, { TableName: table })
}

async function batchGet(
  client: DynamoDBClient,
  table: string,
  keys: readonly string[],
  usage: StoreUsage,
): Promise<Map<string, JournalItem>> {
  const found = new Map<string, JournalItem>()
  let wanted: Record<string, AttributeValue>[] | undefined = keys.map((pk) => ({ pk: { S: pk } }))
  while (wanted !== undefined && wanted.length > 0) {
    const request: BatchGetItemCommand = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } },
      ReturnConsumedCapacity: 'TOTAL',
    })
    const answer: BatchGetItemCommandOutput = await client.send(request).catch((error: unknown) => {
      throw unreachable(error)
    })
    usage.reads++
    usage.readUnits += answer.ConsumedCapacity?.[0]?.CapacityUnits ?? 0
    for (const each of answer.Responses?.[table] ?? []) {
      const item = fromAttributes(each)
      found.set(item.key, item)
    }
    // An answer holds at most 16 MB, and less under throttling: the rest is asked for again.
    wanted = answer.UnprocessedKeys?.[table]?.Keys
  }
  return found
}

async function conditionalPut(
  client: DynamoDBClient,
  table: string,
  item: JournalItem,
  condition: PutCondition,
  usage: StoreUsage,
): Promise<'written' | 'refused'> {
  checkItemSize(item)
  const holds = conditionExpression(condition)
  if (holds === undefined) return 'refused'
  const request = new PutItemCommand({
    TableName: table,
    Item: { pk: { S: item.key }, seq: { N: String(item.seq) }, head: { S: item.head }, body: { B: item.body } },
    ReturnConsumedCapacity: 'TOTAL',
    ...holds,
  })
  usage.writes++
  try {
    const answer = await client.send(request)
    usage.writeUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0
    return 'written'
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'refused'
    throw unreachable(error)
  }
}

/** undefined: no condition is given, so none can hold. */
function conditionExpression({ ifAbsent, ifSeq, ifSeqBelow }: PutCondition): object | undefined {
  const parts: string[] = []
  const values: Record<string, AttributeValue> = {}
  if (ifAbsent) parts.push('attribute_not_exists(pk)')
  if (ifSeq !== undefined) {
    parts.push('seq = :same')
    values[':same'] = { N: String(ifSeq) }
  }
  if (ifSeqBelow !== undefined) {
    parts.push('seq < :above')
    values[':above'] = { N: String(ifSeqBelow) }
  }
  if (parts.length === 0) return undefined
  const names = Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}
  return { ConditionExpression: parts.join(' OR '), ...names }
}

function fromAttributes({ pk, seq, head, body }: Record<string, AttributeValue>): JournalItem {
  return { key: pk!.S!, seq: Number(seq!.N), head: head!.S!, body: body!.B! }
}

function unreachable(error: unknown): MillraceError {
  const reason = reasonOf(error)
  return new MillraceError('JOURNAL_UNREACHABLE', { reason }, { cause: error })
}
