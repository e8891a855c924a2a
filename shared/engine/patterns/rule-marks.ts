import { cellHash } from '../hash.ts'
import { mayStart } from './automaton.ts'
import { type Compiled, judge, needsValue } from './compile.ts'
import { hasMarks, marksOf } from './event-name.ts'

/** What a rule, by its place in the list, says of an event by itself. */
export interface Marked {
  readonly rule: number
  readonly bits: number
}

/** What a list of rules says of an event by itself: the same object for all events of which it says the same. */
export interface Judgement {
  /** The rules that care, in the order of the list. */
  readonly marked: readonly Marked[]
  /** Those of them that the event may begin a match for. */
  readonly starts: readonly Marked[]
  readonly needsValue: boolean
  /** How it is written in the name of a cell that holds the event's value, and of one that does not. */
  readonly withValue: string
  readonly withoutValue: string
  /** What each rule of the list says. */
  readonly bits: readonly number[]
}

interface ListedRule {
  readonly prefix: string
  readonly compiled: Compiled
  readonly drains: boolean
}

/** Behind the list's own hash: whether the value was kept. */
const WITH_VALUE = '+'
const WITHOUT_VALUE = '-'
const BETWEEN = ','
const BITS = ':'
/** Judgements that are remembered; there are as many as there are ways in which events fit conditions. */
const KNOWN_MAX = 10_000
/** Of most events a list says one of a few things: so many are looked through first. */
const RECENT_MAX = 8

/**
 * What the rules of a list say of events by themselves, and that as text in the names of waiting events. A rule is
 * written as a hash of its name, version and shape: what waits while the list changes is still told apart.
 */
export class RuleMarks {
  readonly #rules: readonly (ListedRule & { readonly hash: string })[]
  readonly #list: string
  readonly #recent: Judgement[] = []
  readonly #byBits = new Map<string, Judgement>()
  readonly #byText = new Map<string, Judgement>()
  /** Of the event at hand. */
  readonly #bits: number[]

  constructor(rules: readonly ListedRule[]) {
    this.#rules = rules.map((rule) => ({ ...rule, hash: cellHash('rule', rule.prefix).toString(36) }))
    this.#list = cellHash('rules', rules.map(({ prefix }) => prefix).join(' ')).toString(36)
    this.#bits = rules.map(() => 0)
  }

  judge(value: unknown): Judgement {
    const bits = this.#bits
    for (let rule = 0; rule < bits.length; rule++) bits[rule] = judge(this.#rules[rule]!.compiled, value)
    const recent = this.#recent
    for (let i = 0; i < recent.length; i++) if (same(recent[i]!.bits, bits)) return this.#found(i)
    return this.#remember(this.#byBits.get(bits.join()) ?? this.#add([...bits]))
  }

  /**
   * What was said of the event when it arrived. What another list has said is judged again; without the value, what is in
   * both lists counts.
   */
  read(event: { readonly waitedIn: string; readonly value: unknown }): Judgement {
    const recent = this.#recent
    const { waitedIn } = event
    for (let i = 0; i < recent.length; i++) {
      const { withValue, withoutValue } = recent[i]!
      if (hasMarks(waitedIn, withValue) || hasMarks(waitedIn, withoutValue)) return this.#found(i)
    }
    const text = marksOf(waitedIn)
    const known = this.#byText.get(text)
    if (known !== undefined) return this.#remember(known)
    if (text.includes(WITH_VALUE)) return this.judge(event.value)
    const bits = new Map(
      text
        .slice(text.indexOf(WITHOUT_VALUE) + 1)
        .split(BETWEEN)
        .map(entryOf),
    )
    return this.#judgement(
      this.#rules.map(({ hash }) => bits.get(hash) ?? 0),
      ({ hash }) => bits.has(hash),
    )
  }

  /** The more often something is said, the earlier it is found. */
  #found(i: number): Judgement {
    const recent = this.#recent
    const found = recent[i]!
    if (i > 0) {
      recent[i] = recent[i - 1]!
      recent[i - 1] = found
    }
    return found
  }

  #remember(judgement: Judgement): Judgement {
    this.#recent[Math.min(this.#recent.length, RECENT_MAX - 1)] = judgement
    return judgement
  }

  #add(bits: readonly number[]): Judgement {
    if (this.#byBits.size >= KNOWN_MAX) {
      this.#byBits.clear()
      this.#byText.clear()
    }
    const judgement = this.#judgement(bits, ({ compiled }, rule) => bits[rule] !== 0 || !compiled.dropsNeutral)
    this.#byBits.set(bits.join(), judgement)
    this.#byText.set(judgement.withValue, judgement)
    this.#byText.set(judgement.withoutValue, judgement)
    return judgement
  }

  #judgement(
    bits: readonly number[],
    cares: (rule: ListedRule & { readonly hash: string }, index: number) => boolean,
  ): Judgement {
    const rules = this.#rules
    const marked = rules.flatMap((rule, i) => (cares(rule, i) ? [{ rule: i, bits: bits[i]! }] : []))
    const entries = marked.map(({ rule, bits }) => rules[rule]!.hash + BITS + bits.toString(36) + BETWEEN)
    return {
      marked,
      starts: marked.filter(({ rule, bits }) => !rules[rule]!.drains && mayStart(rules[rule]!.compiled, bits)),
      needsValue: marked.some(({ rule, bits }) => needsValue(rules[rule]!.compiled, bits)),
      withValue: [this.#list, WITH_VALUE, ...entries].join(''),
      withoutValue: [this.#list, WITHOUT_VALUE, ...entries].join(''),
      bits,
    }
  }
}

const entryOf = (entry: string): [hash: string, bits: number] => {
  const [hash, bits] = entry.split(BITS) as [string, string]
  return [hash, Number.parseInt(bits, 36)]
}

function same(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false
  return true
}
