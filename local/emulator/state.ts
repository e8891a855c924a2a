import type { Cursor } from './cursor.ts'
import { arnOf, Environment } from './environment.ts'
import { zeroEventCounts } from './event-counts.ts'
import { pollersOf } from './rules/assignment.ts'
import { pauseAfterMs, retriesMaxOf } from './rules/attempts.ts'
import type { SourceMappingOptions } from './source-mapping-options.ts'

// A pause is cut into slices of this length, so that stopping need not wait for the end of a long one.
const SLICE_MS = 250

/** What the pollers of a mapping share. */
export class MappingState<Event, Answer> {
  readonly options: SourceMappingOptions<Event, Answer>
  readonly counts = zeroEventCounts()
  readonly functionArn: string
  readonly retriesMax: number
  cursors: readonly Cursor[] = []
  stopping = false
  /** Windows end at once. */
  hurried = false
  /** The partition that is looked at first the next time. */
  turn = 0
  rebalances = 0
  /** Invocations under way. */
  running = 0
  readonly #environments: Environment<Event, Answer>[] = []
  // Commits go one after the other, so that an offset never moves back.
  #lastCommit: Promise<unknown> = Promise.resolve()

  constructor(options: SourceMappingOptions<Event, Answer>) {
    this.options = options
    this.functionArn = arnOf(options.functionName)
    this.retriesMax = retriesMaxOf(options.settings, options.onFailure !== undefined)
  }

  get pollers(): ReturnType<typeof pollersOf> {
    return pollersOf(this.options.settings, this.cursors.length)
  }

  environment(n: number): Environment<Event, Answer> {
    const { functionName, newHandler, clock, timeoutMs, settings } = this.options
    const name = `${functionName}-${n}`
    const options = { functionName, name, newHandler, clock, timeoutMs, overrun: settings.overrun }
    this.#environments[n] ??= new Environment(options)
    return this.#environments[n]
  }

  /** Rule 9: commits of these partitions what is done with. */
  commit(cursors: readonly Cursor[]): Promise<void> {
    const stored = this.#lastCommit.then(() => this.#store(cursors))
    this.#lastCommit = stored.catch(() => undefined)
    return stored
  }

  /** Takes partitions from whoever has them; they are read again from what is committed. */
  revoke(partitions: readonly number[]): void {
    this.rebalances++
    for (const partition of partitions) this.cursors[partition]?.revoke()
  }

  /** Undefined if it did not succeed before the mapping stopped. */
  async untilItSucceeds<T>(call: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        await this.pauseAfter(error, attempt)
        if (this.stopping) return undefined
      }
    }
  }

  /** The pause after the n-th failure in a row. */
  async pauseAfter(error: unknown, failures: number): Promise<void> {
    const { settings, clock, onError } = this.options
    onError?.(error, failures)
    let leftMs = pauseAfterMs(failures, settings)
    for (; leftMs > 0 && !this.stopping; leftMs -= SLICE_MS) await clock.sleep(Math.min(SLICE_MS, leftMs))
  }

  async #store(cursors: readonly Cursor[]): Promise<void> {
    const { broker, group, topic, metadata } = this.options
    const moved = cursors.filter(({ done, committed }) => done > committed)
    if (moved.length === 0) return
    const offsets = moved.map(({ partition, done }) => ({
      partition,
      offset: done,
      metadata: metadata?.(partition) ?? '',
    }))
    await broker.commit(group, topic, offsets)
    for (const [n, cursor] of moved.entries()) {
      const { offset } = offsets[n]!
      this.counts.committed += offset - cursor.committed
      cursor.commit(offset)
    }
  }
}
