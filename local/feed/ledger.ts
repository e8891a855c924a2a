import { existsSync } from 'node:fs'
import type { Broker } from '../../shared/broker/broker.ts'
import { readJson } from '../log/read-json.ts'
import { replaceFile } from '../log/replace-file.ts'

/** Records per partition, by topic. */
export type Fed = ReadonlyMap<string, readonly number[]>

interface FedTopic {
  /** The topic's id: of a topic that was made again nothing has been fed. */
  readonly id: string
  /** Records per partition that were fed before `since`. */
  readonly fed: readonly number[]
  /** End offsets when this source began or went on to be fed. */
  readonly since: readonly number[]
}

interface Ledger {
  /** The source that is being fed: what came to its topics after `since` is from it. */
  readonly current: string
  readonly sources: Readonly<Record<string, Readonly<Record<string, FedTopic>>>>
}

/**
 * Opens the account of what has been fed, and says how many records of `source` each partition has already.
 *
 * No cursor is written while feeding, so none can disagree with the topics after a kill. A line's partition is the same
 * each time it is read and lines go to a partition in order; hence the first n lines of a partition are fed when n
 * records have come to it since feeding began. This file only keeps when that was, per source, and is replaced as a
 * whole before anything is appended. Nobody else may write to these topics meanwhile.
 */
export async function openLedger(
  file: string,
  source: string,
  topics: readonly string[],
  broker: Pick<Broker, 'describe' | 'endOffsets'>,
): Promise<Fed> {
  const before = existsSync(file) ? readJson<Ledger>(file) : undefined
  const settled = before ? await settle(before.sources[before.current] ?? {}, broker) : {}
  const sources = before ? { ...before.sources, [before.current]: settled } : {}
  const now = await begin(sources[source] ?? {}, topics, broker)
  replaceFile(file, JSON.stringify({ current: source, sources: { ...sources, [source]: now } } satisfies Ledger))
  return new Map(Object.entries(now).map(([topic, { fed }]) => [topic, fed]))
}

/** Counts what has come since the source's account was opened. */
async function settle(
  account: Readonly<Record<string, FedTopic>>,
  broker: Pick<Broker, 'describe' | 'endOffsets'>,
): Promise<Record<string, FedTopic>> {
  const settled: Record<string, FedTopic> = {}
  for (const [topic, { id, fed, since }] of Object.entries(account)) {
    if ((await broker.describe(topic))?.id !== id) continue
    const ends = await broker.endOffsets(topic)
    settled[topic] = {
      id,
      fed: fed.map((count, partition) => count + ends[partition]! - since[partition]!),
      since: ends,
    }
  }
  return settled
}

async function begin(
  account: Readonly<Record<string, FedTopic>>,
  topics: readonly string[],
  broker: Pick<Broker, 'describe' | 'endOffsets'>,
): Promise<Record<string, FedTopic>> {
  const begun: Record<string, FedTopic> = {}
  for (const topic of topics) {
    const since = await broker.endOffsets(topic)
    const id = (await broker.describe(topic))!.id
    const known = account[topic]
    begun[topic] = { id, since, fed: known?.id === id ? known.fed : since.map(() => 0) }
  }
  return begun
}
