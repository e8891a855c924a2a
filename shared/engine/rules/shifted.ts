import type { Context } from '../machine.ts'
import { PrefixedContext } from '../prefixed-context.ts'

/**
 * The context as a machine inside another sees it: its cells under a prefix, its results handed over instead of put out,
 * and time as it is for events that have waited `lagMs`: `clockMs` now, and timers that much earlier than they fire.
 */
export class ShiftedContext<Out> extends PrefixedContext<Out> {
  readonly #lagMs: number
  #clockMs = 0
  #results: Out[] = []

  constructor(prefix: string, lagMs: number) {
    super(prefix)
    this.#lagMs = lagMs
  }

  /** Lets the machine inside `work` at the time `clockMs`. @returns its results */
  collect(outer: Context<unknown>, clockMs: number, work: (context: Context<Out>) => void): readonly Out[] {
    this.#clockMs = clockMs
    this.#results = []
    work(this.of(outer as Context<Out>))
    return this.#results
  }

  override get streamTimeMs(): number {
    return this.#clockMs
  }
  override get wantsTimedOut(): boolean {
    return false
  }
  override timedOut(): void {}
  override retract(): void {}
  override emit(value: Out | null): void {
    if (value !== null) this.#results.push(value)
  }
  override put(id: string, value: unknown, wakeAtMs?: number): void {
    super.put(id, value, this.#wake(wakeAtMs))
  }
  override putSized(id: string, value: unknown, wakeAtMs?: number): void {
    super.putSized(id, value, this.#wake(wakeAtMs))
  }
  override wake(id: string, wakeAtMs: number): void {
    super.wake(id, this.#wake(wakeAtMs)!)
  }

  #wake(wakeAtMs: number | undefined): number | undefined {
    return wakeAtMs === undefined || wakeAtMs < 0 ? wakeAtMs : wakeAtMs + this.#lagMs
  }
}
