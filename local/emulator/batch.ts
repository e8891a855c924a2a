import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Cursor } from './cursor.ts'
import { EventBuilder, type EventSource } from './event-builder.ts'
import { isDelivered } from './rules/filter.ts'
import type { MappingSettings } from './settings.ts'

/** A batch while it is gathered and while it is in flight. It holds the partitions that it has records of. */
export class Batch {
  readonly #settings: MappingSettings
  readonly #event: EventBuilder
  readonly #cursors = new Set<Cursor>()
  /** Offset after the last record of each partition, filtered ones included. */
  readonly #ends = new Map<Cursor, number>()
  readonly #records: BrokerRecord[] = []
  #filtered = 0
  #full = false

  constructor(source: EventSource, settings: MappingSettings) {
    this.#settings = settings
    this.#event = new EventBuilder(source, settings)
  }

  /** Partitions that it holds: taken, and not lost to another poller since. */
  get cursors(): readonly Cursor[] {
    return [...this.#cursors].filter((cursor) => cursor.holder === this)
  }

  /** No partition was lost. */
  get isWhole(): boolean {
    return this.cursors.length === this.#cursors.size
  }

  /** By partition, in offset order within each. */
  get records(): readonly BrokerRecord[] {
    return this.#records
  }

  /** Records that a filter kept out. */
  get filtered(): number {
    return this.#filtered
  }

  get isEmpty(): boolean {
    return this.#cursors.size === 0
  }

  /** No further record fits, by number or by size. */
  get full(): boolean {
    return this.#full
  }

  /** Its one record makes an event that is too large. */
  get isOversize(): boolean {
    return this.#event.bytes > this.#settings.payloadBytesMax
  }

  get event(): KafkaEvent {
    return this.#event.event()
  }

  /** Offset after the last record that it took of a partition. */
  endOf(cursor: Cursor): number {
    return this.#ends.get(cursor)!
  }

  /** Takes hold of a partition, unless another batch has it or only one partition may go in. */
  claim(cursor: Cursor): boolean {
    if (this.#cursors.has(cursor)) return cursor.holder === this
    if (cursor.holder || (this.#settings.mixing === 'one' && this.#cursors.size > 0)) return false
    cursor.holder = this
    return true
  }

  /** Moves what the cursor has fetched into the batch, until it is full; returns how many records that were. */
  take(cursor: Cursor): number {
    const before = this.#records.length + this.#filtered
    for (let record = cursor.peek(); record && !this.#full; record = cursor.peek()) {
      if (!this.#put(record)) break
      cursor.give()
    }
    const taken = this.#records.length + this.#filtered - before
    if (taken > 0) this.#cursors.add(cursor)
    this.#ends.set(cursor, cursor.given)
    return taken
  }

  /** Lets go of a partition that has no record in the batch. */
  unclaim(cursor: Cursor): void {
    if (!this.#cursors.has(cursor) && cursor.holder === this) cursor.holder = undefined
  }

  /** Lets go of all partitions, or of one; what is not done will be given again. */
  release(cursors: readonly Cursor[] = this.cursors): void {
    for (const cursor of cursors) {
      cursor.rewind()
      cursor.holder = undefined
    }
  }

  /** False: it does not fit. */
  #put(record: BrokerRecord): boolean {
    const delivered = isDelivered(record.value, this.#settings)
    const added = !delivered || this.#event.add(record)
    if (!delivered) this.#filtered++
    else if (added) this.#records.push(record)
    const counted = this.#records.length + (this.#settings.filteredCount === 'counts' ? this.#filtered : 0)
    this.#full = !added || counted >= this.#settings.batchRecordsMax
    return added
  }
}
