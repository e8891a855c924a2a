import type { Match } from '../patterns/match.ts'
import type { Pattern, PatternBeginning } from '../patterns/pattern.ts'

/** A value that a rule compared, and with what: what an alert explains itself with. */
export interface Comparison {
  /** In the reader's words: `payments within 10 minutes`. */
  readonly what: string
  readonly value: number | string | boolean
  readonly relation: '>' | '>=' | '<' | '<=' | '=' | 'in'
  /** The threshold, or the name of the list. */
  readonly threshold: number | string | boolean
}

/** What a rule found: the comparisons that held, all of them; undefined or false: nothing. */
export type Finding = Comparison | readonly Comparison[] | undefined | false

/** The lists of the settings at hand. */
export interface Lists {
  /** True when the list of that name holds `value`. An absent list is empty. */
  listed(list: string, value: string): boolean
}

/** What a rule's condition sees. */
export interface Case<T, Known, Parameters> extends Lists {
  readonly event: T
  /** The event's own time, epoch ms. */
  readonly timeMs: number
  /** The features of the key. Those that are read become part of the alert. */
  readonly seen: Known
  readonly parameters: Parameters
}

/** What a rule suggests to do; precedence is the reader's. */
export type Action = 'review' | 'block' | 'step-up' | 'allow'

interface Common<Parameters> {
  readonly name: string
  /** Of its code. */
  readonly version: number
  readonly action: Action
  /** After an alert the rule says nothing of the key for so long, live and on trial each by itself; 0: every time. */
  readonly quietForMs: number
  /** @throws MillraceError `SETTINGS_INVALID` for what are no parameters of this rule */
  readonly parse: (given: unknown) => Parameters
  readonly initial: Parameters
}

/** A rule on one event and what is known of its key. */
export interface ProfileRule<T = never, Known = never, Parameters = never> extends Common<Parameters> {
  readonly kind: 'rule'
  readonly when: (at: Case<T, Known, Parameters>) => Finding
}

/** A rule on a sequence of events of the key. */
export interface SequenceRule<T = never, Parameters = never, Steps = never> extends Common<Parameters> {
  readonly kind: 'sequence'
  /** What the pattern is shown of an event, made in the event's turn; undefined: the event. */
  readonly sees: ((at: Case<unknown, unknown, Parameters>) => T) | undefined
  readonly pattern: (start: PatternBeginning<T>, parameters: Parameters, lists: Lists) => Pattern<T, Steps>
  readonly explain: (match: Match<Steps>, parameters: Parameters, lists: Lists) => Finding
}

/** A rule as the machine runs it. */
export type AnyRule = ProfileRule<unknown, unknown, unknown> | SequenceRule<unknown, unknown, unknown>

/** Holds when `value` is above `threshold`. Neither side may be unknown: then nothing is found. */
export const above = (what: string, value: number | null, threshold: number | null): Comparison | undefined =>
  value !== null && threshold !== null && value > threshold ? { what, value, relation: '>', threshold } : undefined

/** Holds when `value` is at least `threshold`. */
export const atLeast = (what: string, value: number | null, threshold: number | null): Comparison | undefined =>
  value !== null && threshold !== null && value >= threshold ? { what, value, relation: '>=', threshold } : undefined

/** Holds when `value` is below `threshold`. */
export const below = (what: string, value: number | null, threshold: number | null): Comparison | undefined =>
  value !== null && threshold !== null && value < threshold ? { what, value, relation: '<', threshold } : undefined

/** Holds when `value` is on the list. */
export const onList = (at: Lists, what: string, value: string, list: string): Comparison | undefined =>
  at.listed(list, value) ? { what, value, relation: 'in', threshold: list } : undefined

/** Holds when all of them hold. */
export const all = (...findings: readonly Finding[]): Finding =>
  findings.some((finding) => finding === undefined || finding === false)
    ? undefined
    : findings.flatMap((finding) => finding as Comparison | readonly Comparison[])
