import type { AnySteps, SoFar } from './match.ts'

/** How a step joins the one before it. */
export type Verb = 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy'

/** Which events a loop may leave out between two that it takes. */
export type InnerContiguity = 'relaxed' | 'strict' | 'any'

/** A condition as it is stored. One with fewer than two parameters does not look at the events so far. */
export type StoredCondition = (event: unknown, soFar: SoFar<AnySteps>) => boolean

/** A step as it was declared. */
export interface StepSpec {
  readonly name: string
  readonly verb: Verb
  readonly condition: StoredCondition
  /** How often the step takes an event, where it is not absent; `max` may be infinite. 1 and 1 without a quantifier. */
  readonly min: number
  readonly max: number
  /** `times`, `atLeast` or `oneOrMore` was given. */
  readonly loop: boolean
  readonly optional: boolean
  readonly greedy: boolean
  readonly inner: InnerContiguity
  readonly until: StoredCondition | undefined
}

export type OrderSpec = { readonly kind: 'event-time'; readonly graceMs: number } | { readonly kind: 'arrival' }

/** What a match discards of the partial matches and of the complete ones that still wait. */
export type SkipSpec =
  | { readonly kind: 'no-skip' | 'to-next' | 'past-last-event' }
  | { readonly kind: 'to-first' | 'to-last'; readonly step: string }

/** A pattern as it was declared. */
export interface PatternSpec {
  readonly order: OrderSpec
  readonly steps: readonly StepSpec[]
  /** A match is shorter than this, first event to last; undefined: no limit. */
  readonly withinMs: number | undefined
  /** undefined: not chosen. */
  readonly skip: SkipSpec | undefined
}

export const isNot = (step: StepSpec): boolean => step.verb === 'notNext' || step.verb === 'notFollowedBy'

/** A step as it stands before any quantifier. */
export const newStep = (name: string, verb: Verb, condition: StoredCondition): StepSpec => ({
  name,
  verb,
  condition,
  min: 1,
  max: 1,
  loop: false,
  optional: false,
  greedy: false,
  inner: 'relaxed',
  until: undefined,
})

/** True when the loop can end after different numbers of events. */
export const isElastic = (step: StepSpec): boolean => step.max > step.min

/**
 * Names everything that the meaning of stored partial matches depends on: order, steps, quantifiers, contiguity, window,
 * skip strategy. Conditions are functions, their text is no part of it: a changed condition applies to the events that
 * come after the change, and stored partial matches go on.
 */
export function patternSignature({ order, steps, withinMs, skip }: PatternSpec, layout: string): string {
  const parts = [
    order.kind === 'arrival' ? 'arrival' : `event-time(${order.graceMs})`,
    ...steps.map(stepSignature),
    withinMs === undefined ? 'unbounded' : `within(${withinMs})`,
    `skip(${skip === undefined ? 'no-skip' : 'step' in skip ? `${skip.kind} ${JSON.stringify(skip.step)}` : skip.kind})`,
    layout,
  ]
  return `pattern(${parts.join(';')})`
}

function stepSignature(step: StepSpec): string {
  const { name, verb, min, max, loop, optional, greedy, inner, until } = step
  let text = `${verb} ${JSON.stringify(name)}`
  if (loop) text += `{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}${inner === 'relaxed' ? '' : inner}`
  if (optional) text += '?'
  if (greedy) text += '+'
  if (until !== undefined) text += ' until'
  return text
}
