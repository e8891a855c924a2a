import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { Batch } from './batch.ts'
import type { Cursor } from './cursor.ts'
import { Delivery } from './delivery.ts'
import type { Environment } from './environment.ts'
import { isAssigned } from './rules/assignment.ts'
import type { MappingState } from './state.ts'

/** An execution that a poller may use, and the delivery that it is busy with. */
interface Slot<Event, Answer> {
  readonly environment: Environment<Event, Answer>
  busy: Promise<unknown> | undefined
}

/** Gathers batches and hands them over. The rules it names stand in `index.ts`. */
export class Poller<Event, Answer> {
  readonly #state: MappingState<Event | KafkaEvent, Answer>
  readonly #index: number
  readonly #slots: Slot<Event | KafkaEvent, Answer>[]

  constructor(state: MappingState<Event | KafkaEvent, Answer>, index: number) {
    const { invocations } = state.pollers
    this.#state = state
    this.#index = index
    this.#slots = Array.from({ length: invocations }, (_, n) => ({
      environment: state.environment(index * invocations + n),
      busy: undefined,
    }))
  }

  /** Ends once the mapping is stopping and nothing is in flight. */
  async run(): Promise<void> {
    const { options } = this.#state
    for (let failures = 0; !this.#state.stopping; ) {
      const slot = await this.#freeSlot()
      const batch = new Batch(options.eventSource, options.settings)
      try {
        await this.#gather(batch)
        failures = 0
        if (!batch.isEmpty && batch.isWhole && !this.#state.stopping) this.#handOver(batch, slot)
        else batch.release()
        // Topics on disk answer at once: without a pause here nobody else would ever have a turn.
        await options.clock.sleep(0)
      } catch (error) {
        batch.release()
        await this.#state.pauseAfter(error, ++failures)
      }
    }
    await Promise.all(this.#slots.map(({ busy }) => busy))
  }

  /** Rules 2 and 3: in on-demand mode there is one, so that a window starts when the invocation before it ends. */
  async #freeSlot(): Promise<Slot<Event | KafkaEvent, Answer>> {
    for (;;) {
      const free = this.#slots.find(({ busy }) => !busy)
      if (free) return free
      await Promise.race(this.#slots.map(({ busy }) => busy))
    }
  }

  #handOver(batch: Batch, slot: Slot<Event | KafkaEvent, Answer>): void {
    slot.busy = new Delivery(this.#state, batch, slot.environment)
      .run()
      .catch((error: unknown) => this.#state.pauseAfter(error, 1))
      .finally(() => {
        batch.release()
        slot.busy = undefined
      })
  }

  /** Rule 2. */
  async #gather(batch: Batch): Promise<void> {
    const { clock, settings } = this.#state.options
    let openedMs = clock.nowMs()
    while (!this.#state.stopping) {
      await this.#fill(batch)
      const leftMs = this.#state.hurried ? 0 : openedMs + settings.batchWindowMs - clock.nowMs()
      if (batch.full || (leftMs <= 0 && !batch.isEmpty)) return
      if (leftMs <= 0) openedMs = clock.nowMs()
      await clock.sleep(leftMs <= 0 ? settings.pollMs : Math.min(settings.pollMs, leftMs))
    }
  }

  /** One look at each partition that is free, the one after the last taken first. */
  async #fill(batch: Batch): Promise<void> {
    const { cursors, options, turn } = this.#state
    const ends = await options.broker.endOffsets(options.topic)
    for (let n = 0; n < cursors.length && !batch.full; n++) {
      const cursor = cursors[(turn + n) % cursors.length]!
      const end = ends[cursor.partition] ?? 0
      if (this.#mayTake(cursor) && cursor.hasMore(end)) await this.#take(batch, cursor, end)
    }
  }

  /** Rule 3. */
  #mayTake({ partition }: Cursor): boolean {
    const { options, pollers, rebalances } = this.#state
    const provisioned = options.settings.pollersMax > 0
    return isAssigned(partition, this.#index, { pollers: pollers.pollers, rebalances, provisioned })
  }

  async #take(batch: Batch, cursor: Cursor, end: number): Promise<void> {
    if (!batch.claim(cursor)) return
    try {
      if (!cursor.peek()) await this.#fetch(batch, cursor, end)
      if (cursor.holder === batch && batch.take(cursor) > 0) this.#state.turn = cursor.partition + 1
    } finally {
      batch.unclaim(cursor)
    }
  }

  async #fetch(batch: Batch, cursor: Cursor, end: number): Promise<void> {
    const { broker, topic, settings } = this.#state.options
    const limits = { maxRecords: settings.batchRecordsMax, maxBytes: settings.fetchBytesMax }
    const records = await broker.fetch(topic, cursor.partition, cursor.given, limits)
    // The partition may have gone to another poller meanwhile, which reads from elsewhere.
    if (cursor.holder !== batch) return
    if (records.length > 0) cursor.offer(records)
    else cursor.foundNothing(end)
  }
}
