import type { MSKEvent, MSKRecord } from 'aws-lambda'

export const charged: string[] = []

function charge(record: MSKRecord): void {
  const { id, amount } = JSON.parse(Buffer.from(record.value, 'base64').toString())
  if (!(amount > 0)) throw new Error(`The order ${id} has no amount.`)
  if (!charged.includes(id)) charged.push(id)
}

/** Charges orders, each once, and names those that failed. */
export async function handler(event: MSKEvent) {
  const batchItemFailures = []
  for (const record of Object.values(event.records).flat()) {
    try {
      charge(record)
    } catch {
      const { topic, partition, offset } = record
      batchItemFailures.push({ itemIdentifier: { partition: `${topic}-${partition}`, offset } })
    }
  }
  return { batchItemFailures }
}
