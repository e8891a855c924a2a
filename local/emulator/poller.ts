import { Batch } from './batch.ts'
import type { Cursor } from './cursor.ts'
import type { Environment } from './environment.ts'
import type { MappingOptions, Switches } from './mapping.ts'
import type { Progress } from './progress.ts'

// A pause is cut into slices of this length, so that stopping need not wait for the end of a long one.
const SLICE_MS = 250

/** Gathers batches and gives them to one environment, one at a time. The rules it names stand in `mapping.ts`. */
export class Poller {
  readonly #options: MappingOptions
  readonly #progress: Progress
  readonly #environment: Environment
  readonly #switches: Switches

  constructor(options: MappingOptions, progress: Progress, environment: Environment, switches: Switches) {
    this.#options = options
    this.#progress = progress
    this.#environment = environment
    this.#switches = switches
  }

  /** Ends once the mapping is stopping. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#switches.stopping; ) {
      const batch = new Batch(this.#options.eventSource, this.#options.settings)
      try {
        await this.#gather(batch)
        failures = 0
        if (batch.count > 0 && !this.#switches.stopping) await this.#deliver(batch)
        // Topics on disk answer at once: without a pause here nobody else would ever have a turn.
        await this.#options.clock.sleep(0)
      } catch (error) {
        await this.#failed(error, ++failures)
      } finally {
        batch.release()
      }
    }
  }

  /** Rule 2. */
  async #gather(batch: Batch): Promise<void> {
    const { clock, settings } = this.#options
    let openedMs = clock.nowMs()
    while (!this.#switches.stopping) {
      await this.#fill(batch)
      const leftMs = this.#switches.hurried ? 0 : openedMs + settings.batchWindowMs - clock.nowMs()
      if (batch.full || (leftMs <= 0 && batch.count > 0)) return
      if (leftMs <= 0) openedMs = clock.nowMs()
      await clock.sleep(leftMs <= 0 ? settings.pollMs : Math.min(settings.pollMs, leftMs))
    }
  }

  /** One look at each partition that is free, the one after the last taken first. */
  async #fill(batch: Batch): Promise<void> {
    const { cursors } = this.#progress
    const ends = await this.#options.broker.endOffsets(this.#options.stage.source.name)
    const first = this.#switches.turn
    for (let n = 0; n < cursors.length && !batch.full; n++) {
      const cursor = cursors[(first + n) % cursors.length]!
      const end = ends[cursor.partition] ?? 0
      if (cursor.hasMore(end)) await this.#take(batch, cursor, end)
    }
  }

  async #take(batch: Batch, cursor: Cursor, end: number): Promise<void> {
    if (!batch.claim(cursor)) return
    try {
      if (!cursor.peek()) await this.#fetch(cursor, end)
      if (batch.take(cursor) > 0) this.#switches.turn = cursor.partition + 1
    } finally {
      batch.unclaim(cursor)
    }
  }

  async #fetch(cursor: Cursor, end: number): Promise<void> {
    const { broker, stage, settings } = this.#options
    const limits = { maxRecords: settings.batchRecordsMax, maxBytes: settings.fetchBytesMax }
    const records = await broker.fetch(stage.source.name, cursor.partition, cursor.given, limits)
    if (records.length > 0) cursor.offer(records)
    else cursor.foundNothing(end)
  }

  /** Rule 6: the same event again until it succeeds. */
  async #deliver(batch: Batch): Promise<void> {
    const event = batch.event
    const report = await this.#untilItSucceeds(() => this.#environment.invoke(event))
    if (!report) return
    this.#progress.note(report)
    const cursors = [...batch.cursors]
    cursors[0]!.totals.batches++
    await this.#untilItSucceeds(() => this.#progress.commit(cursors))
  }

  async #untilItSucceeds<T>(call: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        await this.#failed(error, attempt)
        if (this.#switches.stopping) return undefined
      }
    }
  }

  async #failed(error: unknown, attempt: number): Promise<void> {
    const { settings, clock, onError } = this.#options
    onError?.(error, attempt)
    let leftMs = Math.min(settings.retryMaxMs, settings.retryFirstMs * 2 ** (attempt - 1))
    for (; leftMs > 0 && !this.#switches.stopping; leftMs -= SLICE_MS) await clock.sleep(Math.min(SLICE_MS, leftMs))
  }
}
