import { ContextView } from '../context-view.ts'
import { TAKEN, WAITING } from './event-name.ts'

/** What one rule of a list sees: events that are kept for all rules, other cells of its own, under a prefix; its time-outs carry its name. */
export class RuleContext<Out> extends ContextView<Out> {
  readonly #rule: string
  readonly #prefix: string
  readonly #letters = new Map<string, string>()

  constructor(rule: string, prefix: string) {
    super()
    this.#rule = rule
    this.#prefix = prefix
  }

  /** Most are asked for by one letter. */
  #own(id: string): string {
    if (id.length > 1) return this.#prefix + id
    let own = this.#letters.get(id)
    if (own === undefined) {
      // As one piece, not as the two that it is put together from: it is compared often.
      own = [this.#prefix, id].join('')
      this.#letters.set(id, own)
    }
    return own
  }

  override timedOut(make: () => unknown, timeMs: number): void {
    super.timedOut(() => ({ rule: this.#rule, ...(make() as object) }), timeMs)
  }

  override get(id: string): unknown {
    return super.get(id.startsWith(WAITING) || id.startsWith(TAKEN) ? id : this.#own(id))
  }
  override put(id: string, value: unknown, wakeAtMs?: number): void {
    super.put(this.#own(id), value, wakeAtMs)
  }
  override putSized(id: string, value: unknown, wakeAtMs?: number): void {
    super.putSized(this.#own(id), value, wakeAtMs)
  }
  override wake(id: string, wakeAtMs: number): void {
    super.wake(this.#own(id), wakeAtMs)
  }
  override delete(id: string): void {
    super.delete(this.#own(id))
  }
  override has(from: string, to: string): boolean {
    return super.has(this.#own(from), this.#own(to))
  }
  override count(from: string, to: string): number {
    return super.count(this.#own(from), this.#own(to))
  }
  override range(from: string, to: string): [string, unknown][] {
    const cells = super.range(this.#own(from), this.#own(to))
    return cells.map(([id, value]) => [id.slice(this.#prefix.length), value])
  }
  override ids(from: string, to: string, max?: number): string[] {
    return super.ids(this.#own(from), this.#own(to), max).map((id) => id.slice(this.#prefix.length))
  }
  override first(from: string, to: string): [string, unknown] | undefined {
    return this.#cut(super.first(this.#own(from), this.#own(to)))
  }
  override last(from: string, to: string): [string, unknown] | undefined {
    return this.#cut(super.last(this.#own(from), this.#own(to)))
  }

  #cut(found: [id: string, value: unknown] | undefined): [string, unknown] | undefined {
    return found && [found[0].slice(this.#prefix.length), found[1]]
  }
}
