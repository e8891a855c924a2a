import type { Broker } from '../../shared/broker/broker.ts'
import type { MappingSettings } from './settings.ts'

const LIMITS = { maxRecords: 1_000, maxBytes: 1 << 20 }

/** Where a mapping begins in a partition, and what is stored beside the commit that says so; '' if none does. */
export interface Place {
  readonly offset: number
  readonly metadata: string
}

/** Rule 1: at the group's commit, else at the starting position; by partition. */
export async function placesOf(
  { broker, group, topic }: { readonly broker: Broker; readonly group: string; readonly topic: string },
  settings: Pick<MappingSettings, 'startingPosition' | 'startingTimestampMs'>,
): Promise<Place[]> {
  const [starts, ends, committed] = await Promise.all([
    broker.startOffsets(topic),
    broker.endOffsets(topic),
    broker.committed(group, topic),
  ])
  return Promise.all(
    starts.map(async (start, partition) => {
      const found = committed[partition]
      if (found) return { offset: Math.max(found.offset, start), metadata: found.metadata }
      const end = ends[partition]!
      if (settings.startingPosition === 'TRIM_HORIZON') return { offset: start, metadata: '' }
      if (settings.startingPosition === 'LATEST') return { offset: end, metadata: '' }
      const since = { start, end, sinceMs: settings.startingTimestampMs }
      return { offset: await firstSince(broker, topic, partition, since), metadata: '' }
    }),
  )
}

/** Offset of the first record that is not older; the end if all are. */
async function firstSince(
  broker: Broker,
  topic: string,
  partition: number,
  { start, end, sinceMs }: { start: number; end: number; sinceMs: number },
): Promise<number> {
  for (let from = start; from < end; ) {
    const records = await broker.fetch(topic, partition, from, LIMITS)
    const found = records.find(({ timestampMs }) => timestampMs >= sinceMs)
    if (found) return found.offset
    if (records.length === 0) return end
    from = records.at(-1)!.offset + 1
  }
  return end
}
