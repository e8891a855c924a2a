import type { Clock } from '../emulator/clock.ts'

const STEP_MS = 20
const AT_ONCE_MAX = 10_000

/** Spreads lines over time. */
export class Pace {
  readonly #perSecond: number | undefined
  readonly #clock: Clock
  #startedMs: number | undefined
  #allowed = 0
  #stopped = false

  /** `perSecond` undefined: no limit. */
  constructor(perSecond: number | undefined, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /** Ends a wait soon. */
  stop(): void {
    this.#stopped = true
  }

  /** Waits until at least one line is due; returns how many of `waiting` may go now, 0 once stopped. */
  async next(waiting: number): Promise<number> {
    if (this.#perSecond === undefined) return Math.min(waiting, AT_ONCE_MAX)
    this.#startedMs ??= this.#clock.nowMs()
    while (!this.#stopped) {
      const elapsedMs = this.#clock.nowMs() - this.#startedMs
      const due = Math.min(waiting, Math.floor((elapsedMs * this.#perSecond) / 1_000) - this.#allowed)
      if (due > 0) {
        this.#allowed += due
        return due
      }
      await this.#clock.sleep(STEP_MS)
    }
    return 0
  }
}
