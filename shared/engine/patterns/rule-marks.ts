import { cellHash } from '../hash.ts'
import { type Compiled, judge, needsValue } from './compile.ts'

/** What a rule, by its place in the list, says of an event by itself. */
export interface Marked {
  readonly rule: number
  readonly bits: number
}

/** Behind the list's own hash: whether the value was kept. */
const WITH_VALUE = '+'
const WITHOUT_VALUE = '-'
const BETWEEN = ','
const BITS = ':'
/** Texts that are remembered; there are as many as there are ways in which events fit conditions. */
const KNOWN_MAX = 10_000

export const hasValue = (marks: string): boolean => marks.includes(WITH_VALUE)

/**
 * What the rules of a list say of events by themselves, and that as text in the names of waiting events. A rule is
 * written as a hash of its name, version and shape: what waits while the list changes is still told apart.
 */
export class RuleMarks {
  readonly #rules: readonly { readonly hash: string; readonly compiled: Compiled }[]
  readonly #list: string
  readonly #known = new Map<string, { readonly marked: readonly Marked[]; readonly sameList: boolean }>()

  constructor(rules: readonly { readonly prefix: string; readonly compiled: Compiled }[]) {
    this.#rules = rules.map(({ prefix, compiled }) => ({ hash: cellHash('rule', prefix).toString(36), compiled }))
    this.#list = cellHash('rules', rules.map(({ prefix }) => prefix).join(' ')).toString(36)
  }

  /** @returns the rules that care, in the order of the list */
  judge(value: unknown): Marked[] {
    const marked: Marked[] = []
    for (let rule = 0; rule < this.#rules.length; rule++) {
      const { compiled } = this.#rules[rule]!
      const bits = judge(compiled, value)
      if (bits !== 0 || !compiled.dropsNeutral) marked.push({ rule, bits })
    }
    return marked
  }

  needsValue(marked: readonly Marked[]): boolean {
    return marked.some(({ rule, bits }) => needsValue(this.#rules[rule]!.compiled, bits))
  }

  write(marked: readonly Marked[], withValue: boolean): string {
    let text = this.#list + (withValue ? WITH_VALUE : WITHOUT_VALUE)
    for (const { rule, bits } of marked) text += this.#rules[rule]!.hash + BITS + bits.toString(36) + BETWEEN
    return text
  }

  /** What {@link RuleMarks.write} wrote, of this list or of another: there, what is in both. */
  read(text: string): { readonly marked: readonly Marked[]; readonly sameList: boolean } {
    let known = this.#known.get(text)
    if (known === undefined) {
      known = this.#parse(text)
      if (this.#known.size >= KNOWN_MAX) this.#known.clear()
      this.#known.set(text, known)
    }
    return known
  }

  #parse(text: string): { readonly marked: readonly Marked[]; readonly sameList: boolean } {
    const [list, entries] = text.split(text.includes(WITH_VALUE) ? WITH_VALUE : WITHOUT_VALUE) as [string, string]
    const byHash = new Map(entries.split(BETWEEN).map((entry) => entry.split(BITS) as [string, string]))
    const marked = this.#rules.flatMap(({ hash }, rule) => {
      const bits = byHash.get(hash)
      return bits === undefined ? [] : [{ rule, bits: Number.parseInt(bits, 36) }]
    })
    return { marked, sameList: list === this.#list }
  }
}
