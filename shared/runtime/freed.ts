import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import type { Decode } from './decode.ts'
import { eventRecord } from './event-record.ts'
import type { KafkaEventRecord, RedrivenRecord } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import { commitPieces } from './pieces.ts'
import type { Ports } from './ports.ts'

/** Records that are read and applied at a time. */
const RECORDS_MAX = 1_000
const FETCH = { maxRecords: 500, maxBytes: 4_000_000 }

/**
 * Applies, in the order of offsets, what waited behind parked records that are applied or given up, until the keys are
 * free: also what came while this was going on. Where one cannot be applied, or stands in the source no more, its key
 * stays held. Whoever dies on the way leaves the rest to the next redrive of the partition.
 *
 * @throws MillraceError `DEADLINE` (what is done stays done), and what broker, journal and sinks throw
 */
export async function applyFreed(
  stage: Stage,
  ports: Ports,
  owner: Owner,
  decode: Decode,
  deadline: Deadline,
): Promise<RedrivenRecord[]> {
  const { partition } = owner
  const redriven: RedrivenRecord[] = []
  const stuck = new Set<number>()
  for (;;) {
    const offsets = owner.fold.freed(RECORDS_MAX, stuck)
    if (offsets.length === 0) return redriven
    const { records, gone } = await recordsAt(stage, ports, partition, offsets)
    for (const offset of gone) stuck.add(offset)
    const outcomes = await commitPieces(stage, ports, owner, records, deadline, ({ fold }, record) => ({
      partition,
      offset: record.offset,
      ...fold.redrive(decode(record)),
    }))
    for (const each of outcomes) {
      if (each.outcome === 'refused') stuck.add(each.offset)
      // What only waits for one that could not be applied is not worth a word.
      if (each.code !== 'KEY_HELD') redriven.push(each)
    }
  }
}

/** The source's records at these offsets, ascending, as far as they fit in memory: the first of them at least. */
async function recordsAt(
  stage: Stage,
  ports: Ports,
  partition: number,
  offsets: readonly number[],
): Promise<{ records: KafkaEventRecord[]; gone: number[] }> {
  const records: KafkaEventRecord[] = []
  const gone: number[] = []
  let bytes = 0
  for (let next = 0; next < offsets.length && bytes < FETCH.maxBytes; ) {
    const page = await ports.broker.fetch(stage.source.name, partition, offsets[next]!, FETCH)
    const byOffset = new Map(page.map((record) => [record.offset, record]))
    const to = Math.max(page.at(-1)?.offset ?? 0, offsets[next]!)
    for (; next < offsets.length && offsets[next]! <= to; next++) {
      const found = byOffset.get(offsets[next]!)
      if (found === undefined) gone.push(offsets[next]!)
      else records.push(eventRecord(found))
      bytes += found?.value?.length ?? 0
    }
  }
  return { records, gone }
}
