import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Cursor } from './cursor.ts'
import { EventBuilder, type EventSource } from './event-builder.ts'
import type { MappingSettings } from './settings.ts'

/** A batch while it is gathered and while it is in flight. It holds the partitions that it has records of. */
export class Batch {
  readonly #settings: MappingSettings
  readonly #event: EventBuilder
  readonly #cursors = new Set<Cursor>()
  #full = false

  constructor(source: EventSource, settings: MappingSettings) {
    this.#settings = settings
    this.#event = new EventBuilder(source, settings)
  }

  get cursors(): ReadonlySet<Cursor> {
    return this.#cursors
  }

  get count(): number {
    return this.#event.count
  }

  /** No further record fits, by number or by size. */
  get full(): boolean {
    return this.#full
  }

  get event(): KafkaEvent {
    return this.#event.event()
  }

  /** Takes hold of a partition, unless another batch has it or only one partition may go in. */
  claim(cursor: Cursor): boolean {
    if (this.#cursors.has(cursor)) return true
    if (cursor.holder || (this.#settings.mixing === 'one' && this.#cursors.size > 0)) return false
    cursor.holder = this
    return true
  }

  /** Moves what the cursor has fetched into the batch, until it is full; returns how many records that were. */
  take(cursor: Cursor): number {
    const before = this.count
    for (let record = cursor.peek(); record && !this.#full; record = cursor.peek()) {
      if (!this.#add(record)) break
      cursor.give()
    }
    if (this.count > before) this.#cursors.add(cursor)
    return this.count - before
  }

  /** Lets go of a partition that has no record in the batch. */
  unclaim(cursor: Cursor): void {
    if (!this.#cursors.has(cursor)) cursor.holder = undefined
  }

  /** Lets go of all partitions; what was not committed will be given again. */
  release(): void {
    for (const cursor of this.#cursors) {
      cursor.rewind()
      cursor.holder = undefined
    }
  }

  #add(record: BrokerRecord): boolean {
    const added = this.#event.add(record)
    this.#full = !added || this.#event.count >= this.#settings.batchRecordsMax
    return added
  }
}
