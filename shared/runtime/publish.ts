import { keyOfAddress, keyText } from '../engine/key.ts'
import type { Identity } from '../engine/lanes.ts'
import type { Output } from '../engine/outputs.ts'
import { PARKED } from '../engine/outputs.ts'
import type { OutboxEntry } from '../journal/codec.ts'
import { PARKED_TOPIC } from '../processor/plan.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { Target } from '../processor/program.ts'
import { partitionFor } from '../sinks/partitioner.ts'
import type { OutgoingRecord, TableRow } from '../sinks/sink.ts'
import { formatIdentity, IDENTITY_HEADER, ORIGIN_HEADER } from './identity.ts'
import type { Ports } from './ports.ts'

const TABLE = 'table:'

/**
 * Fixes where each output goes. Chosen once, when the commit is made: a topic that grows later must not send the same
 * output elsewhere.
 */
export function addressOutputs(stage: Stage, outputs: readonly Output[]): OutboxEntry[] {
  return outputs.map(({ to, key, value, timeMs, sort }) => {
    const target = to === PARKED ? undefined : stage.program.targets[to]!
    if (target?.kind === 'table')
      return { target: TABLE + target.table.physicalName, partition: -1, key, value, timeMs, sort }
    const { name, partitions } =
      target === undefined ? { name: PARKED_TOPIC, partitions: parkedPartitions(stage) } : target.topic
    return {
      target: name,
      partition: key === null ? keylessPartition(timeMs, partitions) : partitionFor(textOf(key, target), partitions),
      key,
      value,
      timeMs,
      sort,
    }
  })
}

/** An outbox entry and who made it as its how-manieth. */
export interface Publication {
  readonly entry: OutboxEntry
  readonly identity: Identity
  /** Offset of the record that it was made of, to be told. */
  readonly origin?: number | undefined
}

/**
 * Publishes: per target partition in the given order, one call at a time; different partitions and tables in parallel.
 * Resolves when everything is acknowledged. When it rejects, some of it may be out; the same again is harmless.
 * Rows that belong to another lane are refused, and that is logged: no retry can help.
 */
export async function publish(
  stage: Stage,
  ports: Ports,
  publications: readonly Publication[],
  more: ReadonlyMap<string, OutgoingRecord[]> = new Map(),
): Promise<void> {
  const records = new Map<string, { topic: string; partition: number; records: OutgoingRecord[] }>()
  const rows = new Map<string, TableRow[]>()
  for (const { entry, identity, origin } of publications) {
    if (entry.target.startsWith(TABLE)) push(rows, entry.target.slice(TABLE.length), rowOf(entry, identity))
    else recordsOf(records, entry.target, entry.partition).push(recordOf(entry, identity, origin))
  }
  for (const [place, extra] of more) {
    const slash = place.lastIndexOf('/')
    recordsOf(records, place.slice(0, slash), Number(place.slice(slash + 1))).push(...extra)
  }
  const sent = [
    ...[...records.values()].map((each) => ports.topics.append(each.topic, each.partition, each.records)),
    ...[...rows].map(([table, each]) => writeRows(stage, ports, table, each)),
  ]
  // Wait for all of them also when one fails: nothing may still be under way when the invocation ends.
  const outcomes = await Promise.allSettled(sent)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

async function writeRows(stage: Stage, ports: Ports, table: string, rows: readonly TableRow[]): Promise<void> {
  const { foreign } = await ports.tables.write(table, rows)
  if (foreign > 0)
    ports.log('error', {
      what: 'rows of another lane',
      stage: stage.id,
      table,
      rows: foreign,
      metrics: { ForeignRows: foreign },
    })
}

const parkedPartitions = (stage: Stage): number =>
  stage.writesTopics.find((topic) => topic.role === 'parked')!.partitions
/** Between two stages keys are addresses; they go where their texts belong, as on any other topic. */
const textOf = (key: string, target: Target | undefined): string =>
  target?.kind === 'topic' && target.topic.role === 'internal' ? keyText(keyOfAddress(key)) : key
const keylessPartition = (timeMs: number, partitions: number): number => Math.abs(timeMs) % partitions

function recordOf({ key, value, timeMs }: OutboxEntry, identity: Identity, origin?: number): OutgoingRecord {
  const headers: Record<string, string> = { [IDENTITY_HEADER]: formatIdentity(identity, timeMs) }
  if (origin !== undefined) headers[ORIGIN_HEADER] = String(origin)
  return { key, value, headers, timestampMs: timeMs }
}

function rowOf({ key, value, timeMs, sort }: OutboxEntry, identity: Identity): TableRow {
  return { key: key ?? '', sort, value, lane: identity.lane, sequence: identity.sequence, timeMs }
}

function recordsOf(
  records: Map<string, { topic: string; partition: number; records: OutgoingRecord[] }>,
  topic: string,
  partition: number,
): OutgoingRecord[] {
  const place = `${topic}/${partition}`
  let list = records.get(place)
  if (list === undefined) {
    list = { topic, partition, records: [] }
    records.set(place, list)
  }
  return list.records
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [item])
  else list.push(item)
}
