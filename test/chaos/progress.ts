import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '../../shared/broker/broker.ts'

const LOOK_EVERY_MS = 250

/** Watches how far consumer groups have come in a topic, from outside. */
export class ProgressWatch {
  /** Longest time in which no group came further although records waited, ms. */
  longestStallMs = 0
  #sum = 0
  #movedAt = performance.now()
  #stopped = false
  readonly #running: Promise<void>

  constructor(broker: Broker, topic: string, groups: readonly string[]) {
    this.#running = this.#watch(broker, topic, groups)
  }

  /** Resolves with how long it took until some group came further. */
  async recovery(): Promise<number> {
    const from = performance.now()
    const sum = this.#sum
    while (this.#sum === sum && !this.#stopped) await sleep(LOOK_EVERY_MS)
    return performance.now() - from
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #watch(broker: Broker, topic: string, groups: readonly string[]): Promise<void> {
    while (!this.#stopped) {
      await sleep(LOOK_EVERY_MS)
      const sum = await this.#read(broker, topic, groups).catch(() => this.#sum)
      const now = performance.now()
      if (sum === this.#sum) this.longestStallMs = Math.max(this.longestStallMs, now - this.#movedAt)
      else this.#movedAt = now
      this.#sum = sum
    }
  }

  async #read(broker: Broker, topic: string, groups: readonly string[]): Promise<number> {
    const ends = await broker.endOffsets(topic)
    const committed = await Promise.all(groups.map((group) => broker.committed(group, topic)))
    const sum = committed.flat().reduce((all, each) => all + (each?.offset ?? 0), 0)
    // With nothing left to read, standing still is no stall.
    if (sum >= groups.length * ends.reduce((all, end) => all + end, 0)) this.#movedAt = performance.now()
    return sum
  }
}
