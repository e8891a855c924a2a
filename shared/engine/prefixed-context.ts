import { ContextView } from './context-view.ts'

/** A context whose cells are those of the other one under a prefix. */
export class PrefixedContext<Out> extends ContextView<Out> {
  readonly prefix: string
  readonly #letters = new Map<string, string>()

  constructor(prefix: string) {
    super()
    this.prefix = prefix
  }

  /** The cell's name outside. Most are asked for by one letter. */
  protected outside(id: string): string {
    if (id.length > 1) return this.prefix + id
    let name = this.#letters.get(id)
    if (name === undefined) {
      // As one piece, not as the two that it is put together from: it is compared often.
      name = [this.prefix, id].join('')
      this.#letters.set(id, name)
    }
    return name
  }

  override get(id: string): unknown {
    return super.get(this.outside(id))
  }
  override put(id: string, value: unknown, wakeAtMs?: number): void {
    super.put(this.outside(id), value, wakeAtMs)
  }
  override putSized(id: string, value: unknown, wakeAtMs?: number): void {
    super.putSized(this.outside(id), value, wakeAtMs)
  }
  override wake(id: string, wakeAtMs: number): void {
    super.wake(this.outside(id), wakeAtMs)
  }
  override delete(id: string): void {
    super.delete(this.outside(id))
  }
  override has(from: string, to: string): boolean {
    return super.has(this.outside(from), this.outside(to))
  }
  override count(from: string, to: string): number {
    return super.count(this.outside(from), this.outside(to))
  }
  override range(from: string, to: string): [string, unknown][] {
    const cells = super.range(this.outside(from), this.outside(to))
    return cells.map(([id, value]) => [this.#inside(id), value])
  }
  override ids(from: string, to: string, max?: number): string[] {
    return super.ids(this.outside(from), this.outside(to), max).map((id) => this.#inside(id))
  }
  override first(from: string, to: string): [string, unknown] | undefined {
    const found = super.first(this.outside(from), this.outside(to))
    return found && [this.#inside(found[0]), found[1]]
  }
  override last(from: string, to: string): [string, unknown] | undefined {
    const found = super.last(this.outside(from), this.outside(to))
    return found && [this.#inside(found[0]), found[1]]
  }

  #inside(name: string): string {
    return name.slice(this.prefix.length)
  }
}
