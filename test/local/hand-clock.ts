import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../local/emulator/clock.ts'

/** A clock that moves only when a test says so. */
export class HandClock implements Clock {
  #nowMs: number
  #sleepers: { readonly dueMs: number; readonly wake: () => void }[] = []

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  sleep(ms: number): Promise<void> {
    if (ms <= 0) return setImmediate()
    return new Promise((wake) => this.#sleepers.push({ dueMs: this.#nowMs + ms, wake }))
  }

  /** Lets time pass: wakes who is due, in order, and lets each go as far as it can before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settle()
    for (let next = this.#nextDue(endMs); next; next = this.#nextDue(endMs)) {
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.wake()
      await settle()
    }
    this.#nowMs = endMs
  }

  #nextDue(untilMs: number) {
    return this.#sleepers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0]
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}
