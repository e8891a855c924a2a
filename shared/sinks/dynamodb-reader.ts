import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { tableFailure } from './dynamodb.ts'
import type { TableReader } from './sink.ts'

/** Reads rows of output tables, as they were written last. @throws MillraceError `SINK_UNREACHABLE`, `SINK_REFUSED` */
export function dynamoTableReader(client: DynamoDBClient): TableReader {
  return {
    async read(table, key) {
      const request = { TableName: table, Key: { pk: { S: key }, sk: { S: '-' } }, ConsistentRead: true }
      try {
        return (await client.send(new GetItemCommand(request))).Item?.value?.S
      } catch (error) {
        throw tableFailure(table, error)
      }
    },
  }
}
