import type { Broker } from '../../shared/broker/broker.ts'
import type { TableRow } from '../../shared/sinks/sink.ts'
import type { Appended } from './topology.ts'

const ALL = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }

/** Every record of these topics, partition by partition, as text. */
export async function everythingIn(broker: Broker, topics: readonly { name: string }[]): Promise<Appended[]> {
  const found: Appended[] = []
  for (const { name } of topics)
    for (const partition of (await broker.endOffsets(name)).keys())
      for (const { key, value, headers, ...record } of await broker.fetch(name, partition, 0, ALL))
        found.push({
          ...record,
          key: textOf(key),
          value: textOf(value),
          headers: Object.fromEntries(headers.map(([header, bytes]) => [header, textOf(bytes)!])),
        })
  return found
}

/** Values by `key|sort`, without what stands in the key and sort. */
export const rowsOf = (rows: readonly TableRow[]): Record<string, unknown> =>
  Object.fromEntries(
    rows.map(({ key, sort, value }) => {
      const { key: _key, window: _window, ...rest } = JSON.parse(value!) as Record<string, unknown>
      return [`${key}|${sort}`, rest]
    }),
  )

const textOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())
