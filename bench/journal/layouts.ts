import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { recordsOf } from '../data/events.ts'
import { inParallel } from '../parallel.ts'

/** Another way to keep what each card spends in five minutes. */
export interface Layout {
  readonly name: string
  /** Takes a batch into the table. @returns what it cost */
  take(event: KafkaEvent): Promise<{ writes: number; writeUnits: number }>
}

const UPDATES_IN_FLIGHT_MAX = 64
const WINDOW_MS = 300_000

interface Sum {
  readonly id: string
  count: number
  total: number
}

/**
 * An item per card and window, and an update of it per batch. Neither this layout nor the next keeps offsets, outputs or
 * timers, and both count a repeated batch twice.
 */
export const updatePerKey = (client: DynamoDBClient, table: string): Layout => ({
  name: 'update per key and batch',
  take: (event) => updateAll(client, table, sumsOf(event)),
})

/** An item per card and window, and an update of it per record: the usual handler. */
export const updatePerRecord = (client: DynamoDBClient, table: string): Layout => ({
  name: 'update per record',
  take: (event) => updateAll(client, table, singlesOf(event)),
})

/** The batch's records as one sum each. */
function singlesOf(event: KafkaEvent): Sum[] {
  return recordsOf(event).map(({ value }) => {
    const { cardId, amount, at } = JSON.parse(Buffer.from(value!, 'base64').toString())
    return { id: `${cardId}/${at - (at % WINDOW_MS)}`, count: 1, total: amount }
  })
}

function sumsOf(event: KafkaEvent): Iterable<Sum> {
  const sums = new Map<string, Sum>()
  for (const single of singlesOf(event)) {
    const sum = sums.get(single.id)
    if (sum === undefined) {
      sums.set(single.id, single)
      continue
    }
    sum.count++
    sum.total += single.total
  }
  return sums.values()
}

async function updateAll(client: DynamoDBClient, table: string, sums: Iterable<Sum>) {
  const cost = { writes: 0, writeUnits: 0 }
  await inParallel(sums, UPDATES_IN_FLIGHT_MAX, async ({ id, count, total }) => {
    const answer = await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: id } },
        UpdateExpression: 'ADD payments :count, spent :total',
        ExpressionAttributeValues: { ':count': { N: String(count) }, ':total': { N: total.toFixed(2) } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    )
    cost.writes++
    cost.writeUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0
  })
  return cost
}
