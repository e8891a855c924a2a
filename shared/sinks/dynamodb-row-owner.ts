import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { type OwnerOf, tableFailure } from './dynamodb.ts'

/**
 * Asks for a row's lane. For endpoints of the laptop and of tests that refuse a row without showing it; no function in AWS
 * does this, nor may it. @throws MillraceError `SINK_UNREACHABLE`, `SINK_REFUSED`
 */
export function dynamoRowOwner(client: DynamoDBClient): OwnerOf {
  return async (table, { key, sort }) => {
    const place = { TableName: table, Key: { pk: { S: key }, sk: { S: sort } } }
    const request = new GetItemCommand({ ...place, ConsistentRead: true, ProjectionExpression: 'lane' })
    try {
      return (await client.send(request)).Item?.lane?.S
    } catch (error) {
      throw tableFailure(table, error)
    }
  }
}
