import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { checkedSettings } from './check-settings.ts'
import { Cursor } from './cursor.ts'
import type { EventCounts } from './event-counts.ts'
import { Poller } from './poller.ts'
import type { SourceMappingOptions } from './source-mapping-options.ts'
import { type Place, placesOf } from './start.ts'
import { MappingState } from './state.ts'

/**
 * An event source mapping at work. The rules that it copies stand in `index.ts`.
 * `Event` is what the function takes besides the events of records.
 */
export class SourceMapping<Event = never, Answer = unknown> {
  readonly #state: MappingState<Event | KafkaEvent, Answer>
  #pollers: Promise<unknown> = Promise.resolve()

  /** @throws MillraceError `OPTION_INVALID` for settings that AWS does not allow */
  constructor(options: SourceMappingOptions<Event | KafkaEvent, Answer>) {
    const settings = checkedSettings(options.settings, options.onFailure?.kind)
    this.#state = new MappingState({ ...options, settings })
  }

  /** Finds where the group is; returns it by partition. */
  async locate(): Promise<readonly Place[]> {
    const { options } = this.#state
    const places = await placesOf(options, options.settings)
    this.#state.cursors = places.map(({ offset }, partition) => new Cursor(partition, offset))
    return places
  }

  /** Starts polling, from where {@link locate} found the group. */
  poll(): void {
    const { pollers } = this.#state.pollers
    const all = Array.from({ length: pollers }, (_, index) => new Poller(this.#state, index).run())
    this.#pollers = Promise.all(all)
  }

  /** Ends polling. Batches in flight are completed, but those that fail now are not tried again. */
  async stop(): Promise<void> {
    this.#state.stopping = true
    await this.#pollers
  }

  /** From now on what there is goes at once, without waiting for the end of a window. */
  hurry(): void {
    this.#state.hurried = true
  }

  /** Gives the first environment an event of its own kind, once what it works on is done. */
  invoke(event: Event | KafkaEvent): Promise<Answer> {
    return this.#state.environment(0).invoke(event)
  }

  /** Partitions, all unless told, go to other pollers, which begin at what is committed: what is in flight comes again. */
  rebalance(partitions: readonly number[] = this.#state.cursors.map(({ partition }) => partition)): void {
    this.#state.revoke(partitions)
  }

  /** Records in the topic that are not yet processed. */
  async lag(): Promise<number> {
    const { broker, topic } = this.#state.options
    const ends = await broker.endOffsets(topic)
    return this.#state.cursors.reduce((sum, cursor) => sum + cursor.lag(ends[cursor.partition] ?? 0), 0)
  }

  /** Invocations that were not answered yet. */
  get running(): number {
    return this.#state.running
  }

  /** What has happened to records since this mapping was made. */
  counts(): EventCounts {
    return { ...this.#state.counts }
  }
}
