import type { MemoryBroker } from '../../shared/broker/memory.ts'
import type { Observer } from './observer.ts'
import type { Scheduler } from './scheduler.ts'
import type { InputRecord, Scene } from './topology.ts'

const RECORDS_AT_ONCE_MAX = 4

/** The topics, and how far each source partition has been produced. */
export class Sources {
  readonly #scene: Scene
  readonly #broker: MemoryBroker
  readonly #observer: Observer
  readonly #scheduler: Scheduler
  /** What is still to come. */
  readonly #left: { readonly topic: string; readonly partition: number; records: readonly InputRecord[] }[]

  constructor(scene: Scene, broker: MemoryBroker, observer: Observer, scheduler: Scheduler) {
    this.#scene = scene
    this.#broker = broker
    this.#observer = observer
    this.#scheduler = scheduler
    observer.logs.nowMs = () => scheduler.nowMs
    this.#left = Object.entries(scene.input).flatMap(([topic, partitions]) =>
      partitions.map((records, partition) => ({ topic, partition, records })),
    )
  }

  async open(): Promise<void> {
    for (const topic of this.#scene.plan.topics) {
      await this.#broker.ensureTopic(topic)
      this.#observer.logs.open(topic.name, topic.partitions)
    }
  }

  get isLeft(): boolean {
    return this.#left.some(({ records }) => records.length > 0)
  }

  /** Some records of one partition; of this topic, if it is given. */
  produce(topic?: string): void {
    const { dice } = this.#scheduler
    const candidates = this.#left.filter((each) => topic === undefined || each.topic === topic)
    if (candidates.length === 0) return
    const source = dice.pick(candidates)
    const records = source.records.slice(0, dice.between(1, this.#scene.recordsAtOnceMax ?? RECORDS_AT_ONCE_MAX))
    if (records.length === 0) return
    source.records = source.records.slice(records.length)
    this.#scheduler.note('producer', `${records.length} records to ${source.topic}-${source.partition}`)
    for (const { timestampMs } of records)
      this.#observer.logs.append(source.topic, source.partition, timestampMs, false)
    this.#broker.append(
      source.topic,
      source.partition,
      records.map(({ key, value, timestampMs }) => ({
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        timestampMs,
        timestampType: 'CREATE_TIME' as const,
        headers: [],
      })),
    )
  }
}
