import type { Key } from '../engine/key.ts'
import { beginningIn, orderSpec } from '../engine/patterns/builder.ts'
import { compile } from '../engine/patterns/compile.ts'
import type { OrderSpec } from '../engine/patterns/declaration.ts'
import type { AnySteps, Match, TimedOut } from '../engine/patterns/match.ts'
import type { EventTimeOptions, Pattern, PatternBeginning } from '../engine/patterns/pattern.ts'
import type { RuleSpec } from '../engine/patterns/rules-machine.ts'
import { checkFunction, checkName, checkOptions, checkVersion } from './check.ts'

/** What a pattern became: a new version of a rule starts afresh, and what the old one kept is given up. */
export interface RuleOptions {
  /** Names the meaning of what the rule keeps, with the shape of its pattern: raise it when a condition changes it. Default 1. */
  readonly version?: number
  /**
   * The rule opens no new matches; those that it has begun go on until their windows end. For the old version of a rule
   * that was changed, beside the new one under the same name.
   */
  readonly drains?: boolean
}

/** A list of rules that says in which order events are looked at: for all rules the same. */
export interface RuleListStart<T, K extends Key> {
  /** See `order` of a single pattern. */
  order(kind: 'event-time', options: EventTimeOptions<T>): RuleList<T, K, never, never>
  order(kind: 'arrival'): RuleList<T, K, never, never>
}

/** Rules that look at each record in one pass. `Out`: what they put out; `Ended`: their time-outs. */
export class RuleList<T, K extends Key, Out, Ended> {
  readonly order: OrderSpec
  readonly rules: readonly RuleSpec[]
  readonly #where: string
  constructor(where: string, order: OrderSpec, rules: readonly RuleSpec[]) {
    this.#where = where
    this.order = order
    this.rules = rules
  }

  /**
   * Adds a rule; `onMatch` makes what is put out for each match. A window is required: what a rule keeps must end by time.
   * @throws MillraceError `NAME_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `PATTERN_INVALID`
   */
  rule<const Name extends string, Steps, Measured extends string, Result>(
    name: Name,
    describe: (start: PatternBeginning<T>) => Pattern<T, Steps, Measured>,
    onMatch: (match: Match<Steps> & { readonly key: K }) => Result,
    options: RuleOptions = {},
  ): RuleList<T, K, Out | Result, Ended | ({ readonly rule: Name } & TimedOut<Steps, K>)> {
    checkName('rule', name, 100)
    const where = `${this.#where}.rule(${JSON.stringify(name)})`
    checkFunction(where, 'describe', describe)
    checkFunction(where, 'onMatch', onMatch)
    checkOptions(where, options, ['version', 'drains'])
    const { version = 1, drains = false } = options
    checkVersion(where, version)
    const compiled = compile(describe(beginningIn(this.order) as unknown as PatternBeginning<T>))
    const rule: RuleSpec = { name, version, compiled, drains, onMatch: onMatch as unknown as AnyOnMatch }
    return new RuleList(this.#where, this.order, [...this.rules, rule])
  }
}

type AnyOnMatch = (match: Match<AnySteps>) => unknown

export const ruleListStart = <T, K extends Key>(where: string): RuleListStart<T, K> => ({
  order: (kind: string, options?: object) => new RuleList<T, K, never, never>(where, orderSpec(kind, options), []),
})
