import { CardSpendWindows } from './card-spend.ts'
import { FraudEvents } from './fraud.ts'
import { judge, keyOfLine, type ParkedReason, type Transaction } from './judge.ts'
import { partitionOf } from './murmur2.ts'

const LARGE_ABOVE = 1_000

/** The topics written to. */
export const OUTPUT_TOPICS = ['large-transactions', 'card-spend', 'fraud-alerts'] as const

/** One of {@link OUTPUT_TOPICS}. */
export type OutputTopic = (typeof OUTPUT_TOPICS)[number]

/** A record put out; `timestamp` in epoch milliseconds. */
export interface OutputRecord {
  readonly key: string
  readonly value: unknown
  readonly timestamp: number
}

/** Counts of one whole run. */
export interface Summary {
  readonly read: number
  readonly valid: number
  readonly parked: number
  readonly parkedByReason: Partial<Record<ParkedReason, number>>
  readonly large: { readonly results: number }
  readonly cardSpend: { readonly late: number; readonly results: number }
  readonly fraud: { readonly late: number; readonly alerts: number }
}

/** `latestAt` is the last `at` that is not in the future, in epoch milliseconds. */
export interface ReferenceOptions {
  readonly partitions: number
  readonly latestAt: number
  readonly emit: (topic: OutputTopic, record: OutputRecord) => void
}

class Partition {
  nextOffset = 0
  streamTime = Number.NEGATIVE_INFINITY
  readonly large: Transaction[] = []
  readonly windows = new CardSpendWindows()
  readonly fraud = new FraudEvents()
}

/** What the three processors must put out for the lines added, each a record's value. */
export class Reference {
  readonly #options: ReferenceOptions
  readonly #partitions: Partition[]
  readonly #counts: Record<OutputTopic, number> = {
    'large-transactions': 0,
    'card-spend': 0,
    'fraud-alerts': 0,
  }
  readonly #parkedByReason: Partial<Record<ParkedReason, number>> = {}
  #read = 0
  #parked = 0

  constructor(options: ReferenceOptions) {
    this.#options = options
    this.#partitions = Array.from({ length: options.partitions }, () => new Partition())
  }

  /** Takes the next line, without its line feed. */
  add(line: Uint8Array): void {
    const verdict = judge(line, this.#options.latestAt)
    this.#read++
    if (typeof verdict === 'string') {
      this.#parked++
      this.#parkedByReason[verdict] = (this.#parkedByReason[verdict] ?? 0) + 1
      const key = keyOfLine(line)
      this.#partition(key === undefined ? line : Buffer.from(key)).nextOffset++
      return
    }
    this.#process(verdict, this.#partition(Buffer.from(verdict.cardId)))
  }

  #process(transaction: Transaction, partition: Partition): void {
    const offset = partition.nextOffset++
    partition.streamTime = Math.max(partition.streamTime, transaction.at)
    if (transaction.amount > LARGE_ABOVE) partition.large.push(transaction)
    partition.fraud.add(transaction, offset, partition.streamTime)
    partition.windows.add(transaction, partition.streamTime)
    this.#emitWindows(partition, partition.streamTime)
  }

  /** Ends the input: closes all windows, releases all events. */
  finish(): Summary {
    for (const [number, partition] of this.#partitions.entries()) {
      for (const value of partition.large) {
        this.#emit('large-transactions', { key: value.cardId, value, timestamp: value.at })
      }
      this.#emitWindows(partition, Number.POSITIVE_INFINITY)
      for (const alert of partition.fraud.alerts(number)) this.#emit('fraud-alerts', alert)
    }
    return {
      read: this.#read,
      valid: this.#read - this.#parked,
      parked: this.#parked,
      parkedByReason: this.#parkedByReason,
      large: { results: this.#counts['large-transactions'] },
      cardSpend: { late: this.#late('windows'), results: this.#counts['card-spend'] },
      fraud: { late: this.#late('fraud'), alerts: this.#counts['fraud-alerts'] },
    }
  }

  #late(part: 'windows' | 'fraud'): number {
    return this.#partitions.reduce((sum, partition) => sum + partition[part].late, 0)
  }

  #partition(key: Uint8Array): Partition {
    return this.#partitions[partitionOf(key, this.#partitions.length)] as Partition
  }

  #emitWindows({ windows }: Partition, streamTime: number): void {
    for (const record of windows.takeClosed(streamTime)) this.#emit('card-spend', record)
  }

  #emit(topic: OutputTopic, record: OutputRecord): void {
    this.#counts[topic]++
    this.#options.emit(topic, record)
  }
}
