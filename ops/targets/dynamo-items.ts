import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb'
import { MillraceError, reasonOf } from '../../shared/errors.ts'
import type { JournalItems } from '../target.ts'

const KEYS_PER_DELETE = 25

/** The journal's table as a list. Reading it all costs a read unit per 4 KB of everything in it. */
export function dynamoItems(client: DynamoDBClient, table: string): JournalItems {
  return {
    async *keys() {
      let from: { readonly ExclusiveStartKey?: Record<string, AttributeValue> } = {}
      do {
        const request = new ScanCommand({ TableName: table, ProjectionExpression: 'pk', ConsistentRead: true, ...from })
        const page: ScanCommandOutput | undefined = await client.send(request).catch(noTable)
        if (page === undefined) return
        yield (page.Items ?? []).map(({ pk }) => pk!.S!)
        from = page.LastEvaluatedKey === undefined ? {} : { ExclusiveStartKey: page.LastEvaluatedKey }
      } while (from.ExclusiveStartKey !== undefined)
    },
    async delete(keys) {
      for (let i = 0; i < keys.length; i += KEYS_PER_DELETE)
        await deleteAll(client, table, keys.slice(i, i + KEYS_PER_DELETE))
    },
  }
}

async function deleteAll(client: DynamoDBClient, table: string, keys: readonly string[]): Promise<void> {
  let requests = keys.map((pk) => ({ DeleteRequest: { Key: { pk: { S: pk } as AttributeValue } } }))
  while (requests.length > 0) {
    const answer = await client
      .send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }))
      .catch(unreachable)
    requests = (answer.UnprocessedItems?.[table] ?? []) as typeof requests
  }
}

function noTable(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) unreachable(error)
}

function unreachable(error: unknown): never {
  throw new MillraceError('JOURNAL_UNREACHABLE', { reason: reasonOf(error) }, { cause: error })
}
