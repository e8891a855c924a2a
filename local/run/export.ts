import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import type { Broker, BrokerRecord } from '../../shared/broker/broker.ts'
import { MillraceError, reasonOf } from '../../shared/errors.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import { IDENTITY_HEADER, parseIdentity } from '../../shared/runtime/identity.ts'

const FETCH = { maxRecords: 5_000, maxBytes: 1 << 20 }

/**
 * Writes every output topic, the parked records and every table to `directory/NAME.ndjson`, as they stand: repeats that
 * readers drop by their identity are in it. Streamed, whatever their size.
 * @throws MillraceError `SINK_REFUSED` when a file cannot be written
 */
export async function exportOutputs(
  directory: string,
  { topics, tables }: Plan,
  { broker, client }: { readonly broker: Broker; readonly client: DynamoDBClient },
): Promise<void> {
  const written = topics.filter(({ role }) => role === 'output' || role === 'parked').map(({ name }) => name)
  for (const name of written) await writeLines(join(directory, `${name}.ndjson`), topicLines(broker, name))
  for (const { physicalName } of tables) {
    // A table may be called like a topic.
    const file = written.includes(physicalName) ? `${physicalName}.table` : physicalName
    await writeLines(join(directory, `${file}.ndjson`), tableLines(client, physicalName))
  }
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const stream = createWriteStream(file)
  const refused = new Promise<never>((_, reject) => {
    stream.once('error', (error) =>
      reject(new MillraceError('SINK_REFUSED', { target: file, reason: reasonOf(error) })),
    )
  })
  await Promise.race([refused, pipeline(lines, stream)])
}

/** `{ key, value, timestamp, partition, offset, headers }`, partition by partition. */
async function* topicLines(broker: Broker, topic: string): AsyncGenerator<string> {
  const ends = await broker.endOffsets(topic)
  for (const [partition, end] of ends.entries()) {
    for (let next = 0; next < end; ) {
      const records = await broker.fetch(topic, partition, next, FETCH)
      if (records.length === 0) break
      yield records.map(recordLine).join('')
      next = records.at(-1)!.offset + 1
    }
  }
}

function recordLine({ key, value, timestampMs, partition, offset, headers }: BrokerRecord): string {
  const texts = Object.fromEntries(headers.map(([name, bytes]) => [name, textOf(bytes)]))
  const line = {
    key: key && textOf(key),
    value: value && parsed(textOf(value)),
    // The record's own timestamp is the broker's; event time stands beside the identity.
    timestamp: parseIdentity(texts[IDENTITY_HEADER] ?? '')?.timeMs ?? timestampMs,
    partition,
    offset,
    headers: texts,
  }
  return `${JSON.stringify(line)}\n`
}

/** `{ key, sort, value, timestamp }`, deleted rows left out. */
async function* tableLines(client: DynamoDBClient, table: string): AsyncGenerator<string> {
  let from: { readonly ExclusiveStartKey?: Record<string, AttributeValue> } = {}
  for (;;) {
    const page = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true, ...from }))
    yield (page.Items ?? [])
      .filter(({ value }) => value)
      .map(rowLine)
      .join('')
    if (!page.LastEvaluatedKey) return
    from = { ExclusiveStartKey: page.LastEvaluatedKey }
  }
}

function rowLine({ pk, sk, value, at }: Record<string, AttributeValue>): string {
  const row = { key: pk!.S, sort: sk!.S, value: parsed(value!.S!), timestamp: Number(at!.N) }
  return `${JSON.stringify(row)}\n`
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
