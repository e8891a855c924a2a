import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.ts'

/** A clock that moves only when a test says so. */
export class HandClock implements Clock {
  #nowMs: number
  #sleepers: { readonly dueMs: number; readonly wake: () => void; readonly unwanted: AbortSignal | undefined }[] = []

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  sleep(ms: number, unwanted?: AbortSignal): Promise<void> {
    if (ms <= 0) return setImmediate()
    return new Promise((wake) => this.#sleepers.push({ dueMs: this.#nowMs + ms, wake, unwanted }))
  }

  /** Lets time pass: wakes who is due, in order, and lets each go as far as it can before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    while (await this.step(endMs));
    this.#nowMs = endMs
  }

  /** Lets time pass until the first who sleeps is due, and wakes it; false if nobody is until then. */
  async step(endMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await settle()
    this.#sleepers = this.#sleepers.filter(({ unwanted }) => !unwanted?.aborted)
    const next = this.#sleepers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
    if (!next) return false
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    next.wake()
    await settle()
    return true
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}
