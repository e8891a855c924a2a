import { ContextView } from '../context-view.ts'
import { TAKEN, WAITING } from './event-name.ts'

/** What one rule of a list sees: events that are kept for all rules, other cells of its own, under a prefix; its time-outs carry its name. */
export class RuleContext<Out> extends ContextView<Out> {
  readonly #rule: string
  readonly #prefix: string

  constructor(rule: string, prefix: string) {
    super()
    this.#rule = rule
    this.#prefix = prefix
  }

  override timedOut(make: () => unknown, timeMs: number): void {
    super.timedOut(() => ({ rule: this.#rule, ...(make() as object) }), timeMs)
  }

  override get(id: string): unknown {
    return super.get(id.startsWith(WAITING) || id.startsWith(TAKEN) ? id : this.#prefix + id)
  }
  override put(id: string, value: unknown, wakeAtMs?: number): void {
    super.put(this.#prefix + id, value, wakeAtMs)
  }
  override putSized(id: string, value: unknown, wakeAtMs?: number): void {
    super.putSized(this.#prefix + id, value, wakeAtMs)
  }
  override wake(id: string, wakeAtMs: number): void {
    super.wake(this.#prefix + id, wakeAtMs)
  }
  override delete(id: string): void {
    super.delete(this.#prefix + id)
  }
  override has(from: string, to: string): boolean {
    return super.has(this.#prefix + from, this.#prefix + to)
  }
  override count(from: string, to: string): number {
    return super.count(this.#prefix + from, this.#prefix + to)
  }
  override range(from: string, to: string): [string, unknown][] {
    const cells = super.range(this.#prefix + from, this.#prefix + to)
    return cells.map(([id, value]) => [id.slice(this.#prefix.length), value])
  }
  override ids(from: string, to: string, max?: number): string[] {
    return super.ids(this.#prefix + from, this.#prefix + to, max).map((id) => id.slice(this.#prefix.length))
  }
  override first(from: string, to: string): [string, unknown] | undefined {
    return this.#own(super.first(this.#prefix + from, this.#prefix + to))
  }
  override last(from: string, to: string): [string, unknown] | undefined {
    return this.#own(super.last(this.#prefix + from, this.#prefix + to))
  }

  #own(found: [id: string, value: unknown] | undefined): [string, unknown] | undefined {
    return found && [found[0].slice(this.#prefix.length), found[1]]
  }
}
