import type { BrokerRecord } from '../../shared/broker/broker.ts'

const EMPTY_FETCHES = 3

/** Where a mapping is in one partition: committed, then done, then given to a batch, then fetched. */
export class Cursor {
  readonly partition: number
  /** The batch that has the partition: no other may take records of it. */
  holder: object | undefined
  #committed: number
  #done: number
  #given: number
  #fetched: readonly BrokerRecord[] = []
  #index = 0
  #emptyFetches = 0
  #emptyUpTo = -1

  constructor(partition: number, offset: number) {
    this.partition = partition
    this.#committed = offset
    this.#done = offset
    this.#given = offset
  }

  /** Offset of the first record that is not committed. */
  get committed(): number {
    return this.#committed
  }

  /** Offset of the first record that is not done with: everything before it succeeded, was filtered or was given up. */
  get done(): number {
    return this.#done
  }

  /** Offset of the first record that was not given to a batch. */
  get given(): number {
    return this.#given
  }

  /** Records before `end` that are still to be processed. */
  lag(end: number): number {
    const nothingThere = this.#emptyUpTo >= end && this.#done === this.#given
    return nothingThere ? 0 : Math.max(0, end - this.#done)
  }

  /** True when records before `end` may be had that no batch was given yet. */
  hasMore(end: number): boolean {
    return this.#given < end && this.#emptyUpTo < end
  }

  offer(records: readonly BrokerRecord[]): void {
    this.#fetched = records
    this.#index = 0
    this.#emptyFetches = 0
  }

  /** A fetch found no record before `end`: control records, or what compaction removed. Believed the third time. */
  foundNothing(end: number): void {
    if (++this.#emptyFetches >= EMPTY_FETCHES) this.#emptyUpTo = end
  }

  /** The next record, if one was fetched. */
  peek(): BrokerRecord | undefined {
    return this.#fetched[this.#index]
  }

  /** The record that {@link peek} shows has gone into a batch. */
  give(): void {
    this.#given = this.#fetched[this.#index++]!.offset + 1
    if (this.#index === this.#fetched.length) this.offer([])
  }

  /** What is before `offset` is done with. */
  finish(offset: number): void {
    this.#done = Math.max(this.#done, offset)
  }

  /** The group has committed `offset`. */
  commit(offset: number): void {
    this.#committed = offset
  }

  /** What was given and is not done was not delivered and will be fetched again. */
  rewind(): void {
    if (this.#given === this.#done) return
    this.#given = this.#done
    this.offer([])
  }

  /** What was done and is not committed is as if it had never been. */
  forget(): void {
    this.#done = this.#committed
    this.rewind()
  }

  /** The partition goes to another poller, which begins at what is committed. */
  revoke(): void {
    this.holder = undefined
    this.forget()
  }
}
