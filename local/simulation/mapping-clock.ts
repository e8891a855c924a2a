import type { Clock } from '../emulator/index.ts'
import type { Scheduler } from './scheduler.ts'

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
}

/** Time as an event source mapping knows it: whoever sleeps wakes when the schedule says so, and it is as late then. */
export class MappingClock implements Clock {
  readonly #scheduler: Scheduler
  readonly #sleepers: Sleeper[] = []

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  nowMs(): number {
    return this.#scheduler.nowMs
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ dueMs: this.nowMs() + ms, wake }))
  }

  /** Wakes one of those who sleep, and lets it go as far as it can. */
  async wake(): Promise<void> {
    if (this.#sleepers.length === 0) return
    const index = this.#scheduler.dice.between(0, this.#sleepers.length - 1)
    const [{ dueMs, wake }] = this.#sleepers.splice(index, 1) as [Sleeper]
    this.#scheduler.nowMs = Math.max(this.nowMs(), dueMs)
    await this.#scheduler.settle(wake)
  }
}
