import type { Stage } from '../../shared/processor/plan-types.ts'
import type { KafkaEvent, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import type { Observer } from './observer.ts'

/** Offset after the last record of a batch, by partition. */
export type Ends = ReadonlyMap<number, number>

export const endsOf = ({ records }: KafkaEvent): Ends =>
  new Map(Object.values(records).map((list) => [list[0]!.partition, list.at(-1)!.offset + 1]))

/** What a mapping has delivered, for the situations that it brings about. */
export class Deliveries {
  readonly #stage: Stage
  readonly #observer: Observer
  readonly #times = new Map<string, number>()
  /** By partition: the newest that was the last of its batch. */
  readonly #last = new Map<number, KafkaEventRecord>()

  constructor(stage: Stage, observer: Observer) {
    this.#stage = stage
    this.#observer = observer
  }

  /** @returns how many records there are in it */
  note(event: KafkaEvent): number {
    const batches = Object.values(event.records)
    this.#observer.count(batches.length > 1 ? 'batch of several partitions' : 'batch of one partition')
    for (const batch of batches) this.#noteBatch(batch)
    return batches.reduce((sum, { length }) => sum + length, 0)
  }

  #noteBatch(batch: readonly KafkaEventRecord[]): void {
    const [{ partition, offset: first, key }] = batch as [KafkaEventRecord]
    this.#observer.delivered(this.#stage, partition, first)
    const last = this.#last.get(partition)
    if (last?.offset === first - 1 && last.key === key) this.#observer.count('batch ends inside the run of a key')
    this.#last.set(partition, batch.at(-1)!)
    for (const { offset } of batch) {
      const times = (this.#times.get(`${partition}/${offset}`) ?? 0) + 1
      this.#times.set(`${partition}/${offset}`, times)
      if (times === 3) this.#observer.count('record delivered three times')
    }
  }
}
