import type { TopicDescription } from '../broker/broker.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { KafkaEventRecord } from './kafka-event.ts'
import type { Ports } from './ports.ts'
import { describeIfReachable, sourceChanged } from './source-check.ts'

type Batches = readonly (readonly [partition: number, records: readonly KafkaEventRecord[]])[]

/**
 * What a stage without state can notice of its source while one environment lives. When it first gets records: that the
 * log begins behind what the group has committed, so that records are gone that nobody read. Later: that a partition's
 * offsets have gone back because the topic is another one.
 */
export class SourceWatch {
  readonly #stage: Stage
  readonly #ports: Ports
  #known: TopicDescription | undefined
  #hasChanged = false
  /** By partition: the offset behind the last batch. */
  readonly #next = new Map<number, number>()

  constructor(stage: Stage, ports: Ports) {
    this.#stage = stage
    this.#ports = ports
  }

  /** @throws MillraceError `SOURCE_CHANGED`, `BROKER_UNREACHABLE` */
  async look(batches: Batches): Promise<void> {
    const hasGoneBack = batches.some(([partition, [first]]) => first!.offset < (this.#next.get(partition) ?? 0))
    if (this.#known === undefined || hasGoneBack) {
      const found = await describeIfReachable(this.#ports, this.#stage.source.name)
      if (found === undefined) return
      if (this.#known === undefined) await this.#lookForGaps()
      this.#known ??= found
      this.#hasChanged ||= found.id !== this.#known.id
    }
    if (this.#hasChanged)
      throw sourceChanged(this.#stage, this.#ports, `the topic ${this.#stage.source.name} was made anew`)
    for (const [partition, records] of batches) this.#next.set(partition, records.at(-1)!.offset + 1)
  }

  /** A compacted topic loses records by nature. */
  async #lookForGaps(): Promise<void> {
    const { broker, log } = this.#ports
    const { id, group, source } = this.#stage
    if (source.compacted) return
    // The log's beginning only grows, and so it is read first: what it had passed then, the group has not read.
    const starts = await broker.startOffsets(source.name)
    const committed = await broker.committed(group, source.name)
    for (const [partition, got] of starts.entries()) {
      const expected = committed[partition]?.offset ?? got
      if (got > expected)
        log('error', {
          what: 'offset gap',
          stage: id,
          partition,
          expected,
          got,
          metrics: { OffsetGap: got - expected },
        })
    }
  }
}
