import { PrefixedContext } from '../prefixed-context.ts'
import { TAKEN, WAITING } from './event-name.ts'

/** What one rule of a list sees: events that are kept for all rules, other cells of its own, under a prefix; its time-outs carry its name. */
export class RuleContext<Out> extends PrefixedContext<Out> {
  readonly #rule: string

  constructor(rule: string, prefix: string) {
    super(prefix)
    this.#rule = rule
  }

  override timedOut(make: () => unknown, timeMs: number): void {
    super.timedOut(() => ({ rule: this.#rule, ...(make() as object) }), timeMs)
  }

  override get(id: string): unknown {
    return id.startsWith(WAITING) || id.startsWith(TAKEN) ? this.outer.cells.get(id) : super.get(id)
  }
}
