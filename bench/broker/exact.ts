import { createHash } from 'node:crypto'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { compareSequences } from '../../shared/engine/lanes.ts'
import { IDENTITY_HEADER, parseIdentity } from '../../shared/runtime/identity.ts'
import { canonical, isClose } from '../../test/reference/canonical.ts'
import { PARTITIONS, transactionRecords } from '../data/transactions.ts'
import { computations } from './computations.ts'
import { connectionTo } from './run.ts'

const LIMITS = { maxRecords: 100_000, maxBytes: 16 << 20 }
const HASH_BYTES = 6

/** What a set of outputs comes to, in any order: how many, and a sum of their hashes. */
export interface Digest {
  readonly count: number
  readonly sum: number
}

/** A mean is what its total and count make of it; rounded it would be one of two where it lies on a half. */
function comparable(value: unknown): unknown {
  const { mean, ...rest } = value as { mean?: number; total: number; count: number }
  return mean === undefined || isClose(mean, rest.total / rest.count) ? rest : value
}

class Sum {
  #count = 0
  #sum = 0

  add(key: string, value: unknown): void {
    this.#count++
    const hash = createHash('md5')
      .update(key)
      .update('\n')
      .update(canonical(comparable(value)))
      .digest()
    this.#sum = (this.#sum + hash.readUIntBE(0, HASH_BYTES)) % 2 ** (8 * HASH_BYTES)
  }

  digest(): Digest {
    return { count: this.#count, sum: this.#sum }
  }
}

/** What the computation written by hand puts out for these records. */
export function expectedOf(processor: string, records: number): Digest {
  const sum = new Sum()
  const emit = (key: string, value: object) => sum.add(key, JSON.parse(JSON.stringify(value)))
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) =>
    computations[processor]!.newComputation(partition, emit),
  )
  const offsets = partitions.map(() => 0)
  for (const { partition, value } of transactionRecords(records))
    partitions[partition]!.take(JSON.parse(value), offsets[partition]!++)
  for (const each of partitions) each.finish()
  return sum.digest()
}

/** Where the partitions of a topic end. */
export async function endsOf(brokers: string, topic: string): Promise<number[]> {
  const broker = kafkaBroker(connectionTo(brokers, 'bench-exact'))
  const ends = await broker.endOffsets(topic)
  await broker.close()
  return [...ends]
}

/** What stands in a topic from these offsets on; of outputs with an identity, each once. */
export async function writtenSince(brokers: string, topic: string, from: readonly number[]): Promise<Digest> {
  const broker = kafkaBroker(connectionTo(brokers, 'bench-exact'))
  const sum = new Sum()
  for (const [partition, end] of (await broker.endOffsets(topic)).entries()) {
    const highest = new Map<string, readonly number[]>()
    for (let next = from[partition]!; next < end; ) {
      const records = await broker.fetch(topic, partition, next, LIMITS)
      for (const { key, value, headers } of records) {
        const header = headers.find(([name]) => name === IDENTITY_HEADER)
        const identity = header && parseIdentity(Buffer.from(header[1]).toString('latin1'))?.identity
        if (identity !== undefined) {
          if (compareSequences(identity.sequence, highest.get(identity.lane) ?? []) <= 0) continue
          highest.set(identity.lane, identity.sequence)
        }
        sum.add(Buffer.from(key!).toString(), JSON.parse(Buffer.from(value!).toString()))
      }
      next = records.at(-1)!.offset + 1
    }
  }
  await broker.close()
  return sum.digest()
}
