import type { Broker } from '../../shared/broker/broker.ts'
import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { topicRecords } from '../topic-records.ts'

/** What stands in the parked topic. */
export interface ParkedTopic {
  /** Each once, in the order of source, partition and offset. */
  readonly records: readonly ParkedRecord[]
  /** Records that no processor of ours has written. */
  readonly foreign: number
}

/** Which of them are meant. */
export interface Selection {
  readonly id?: string | undefined
  readonly reason?: string | undefined
  readonly processor?: string | undefined
}

/** All parked records that are still in the topic and meant. A record that was published twice has one id. */
export async function readParked(broker: Broker, selection: Selection = {}): Promise<ParkedTopic> {
  const byId = new Map<string, ParkedRecord>()
  let foreign = 0
  const found = await broker.describe(PARKED_TOPIC)
  const [starts, ends] =
    found === undefined
      ? [[], []]
      : await Promise.all([broker.startOffsets(PARKED_TOPIC), broker.endOffsets(PARKED_TOPIC)])
  for (const [partition, end] of ends.entries())
    for await (const { value } of topicRecords(broker, PARKED_TOPIC, partition, starts[partition]!, end)) {
      const parked = parse(value)
      if (parked === undefined) foreign++
      else if (isMeant(parked, selection) && !byId.has(parked.id)) byId.set(parked.id, parked)
    }
  const records = [...byId.values()].sort(
    (a, b) =>
      compare(a.processor, b.processor) ||
      a.generation - b.generation ||
      compare(a.topic, b.topic) ||
      a.partition - b.partition ||
      a.offset - b.offset ||
      compare(a.id, b.id),
  )
  return { records, foreign }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const isMeant = (parked: ParkedRecord, { id, reason, processor }: Selection): boolean =>
  (id === undefined || parked.id === id) &&
  (reason === undefined || parked.reason === reason) &&
  (processor === undefined || parked.processor === processor)

const TEXTS = ['id', 'kind', 'processor', 'stage', 'reason', 'detail', 'topic'] as const
const NUMBERS = ['generation', 'partition', 'offset', 'timestamp', 'bytes'] as const

function parse(value: Uint8Array | null): ParkedRecord | undefined {
  try {
    const parked = JSON.parse(Buffer.from(value ?? []).toString()) as Record<string, unknown>
    const isText = (text: unknown) => text === null || typeof text === 'string'
    const holds =
      TEXTS.every((name) => typeof parked[name] === 'string') &&
      NUMBERS.every((name) => Number.isSafeInteger(parked[name])) &&
      isText(parked.key) &&
      isText(parked.value) &&
      Array.isArray(parked.headers)
    return holds ? (parked as unknown as ParkedRecord) : undefined
  } catch {
    return undefined
  }
}
