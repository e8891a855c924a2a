import type { PatternBounds } from './limits.ts'
import type { AnySteps, SoFar } from './match.ts'

/** How a step joins the one before it. */
export type Verb = 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy'

/** Which events a loop may leave out between two that it takes. */
export type InnerContiguity = 'relaxed' | 'strict' | 'any'

/** A condition as it is stored. One with fewer than two parameters does not look at the events so far. */
export type StoredCondition = (event: unknown, soFar: SoFar<AnySteps, string>) => boolean

/** The number of an event that running values of its step are about. */
export type StoredMeasure = (event: unknown) => number

/** What a step and a group of steps have in common. */
interface Part {
  readonly verb: Verb
  /** How often it is gone through, where it is not absent; `max` may be infinite. 1 and 1 without a quantifier. */
  readonly min: number
  readonly max: number
  /** `times`, `atLeast` or `oneOrMore` was given. */
  readonly loop: boolean
  readonly optional: boolean
  readonly inner: InnerContiguity
  readonly until: StoredCondition | undefined
  /** Its first event is less than this after the event taken before it; infinite: no limit. */
  readonly gapMs: number
  /** So is each further round of the loop. */
  readonly loopGapMs: number
  /** Which rounds `loopGapMs` limits. */
  readonly gapReading: 'every' | 'flink'
}

/** A step as it was declared. */
export interface StepSpec extends Part {
  readonly kind: 'step'
  readonly name: string
  readonly condition: StoredCondition
  readonly measure: StoredMeasure | undefined
  readonly greedy: boolean
}

/** Steps that are gone through as one. */
export interface GroupSpec extends Part {
  readonly kind: 'group'
  readonly parts: readonly PartSpec[]
  readonly greedy: false
}

export type PartSpec = StepSpec | GroupSpec

export type OrderSpec =
  | {
      readonly kind: 'event-time'
      readonly graceMs: number
      /** Orders events of one time; undefined: as they came. */
      readonly ties: ((a: unknown, b: unknown) => number) | undefined
    }
  | { readonly kind: 'arrival' }

/** What a match discards of the partial matches and of the complete ones that still wait. */
export type SkipSpec =
  | { readonly kind: 'no-skip' | 'to-next' | 'past-last-event' }
  | { readonly kind: 'to-first' | 'to-last'; readonly step: string; readonly refuseMiss: boolean }

/** A pattern as it was declared. */
export interface PatternSpec {
  readonly order: OrderSpec
  readonly parts: readonly PartSpec[]
  /** Inside a group: the steps of the pattern before it. undefined: this is the pattern itself. */
  readonly around: readonly PartSpec[] | undefined
  /** A match is shorter than this, first event to last; undefined: no limit. */
  readonly withinMs: number | undefined
  /** undefined: not chosen. */
  readonly skip: SkipSpec | undefined
  /** Those that were chosen. They change no meaning of what is stored, so they are no part of the signature. */
  readonly bounds: Partial<PatternBounds>
}

export const isNot = (part: PartSpec): boolean => part.verb === 'notNext' || part.verb === 'notFollowedBy'

const plain = {
  min: 1,
  max: 1,
  loop: false,
  optional: false,
  greedy: false,
  inner: 'relaxed',
  until: undefined,
  gapMs: Number.POSITIVE_INFINITY,
  loopGapMs: Number.POSITIVE_INFINITY,
  gapReading: 'every',
} as const

/** A step as it stands before any quantifier. */
export const newStep = (
  name: string,
  verb: Verb,
  condition: StoredCondition,
  measure: StoredMeasure | undefined = undefined,
): StepSpec => ({ ...plain, kind: 'step', name, verb, condition, measure })

export const newGroup = (verb: Verb, parts: readonly PartSpec[]): GroupSpec => ({
  ...plain,
  kind: 'group',
  verb,
  parts,
})

/** The steps of some parts, in the order in which they were declared. */
export const stepsOf = (parts: readonly PartSpec[]): StepSpec[] =>
  parts.flatMap((part) => (part.kind === 'step' ? [part] : stepsOf(part.parts)))

/** Those parts, and those of the groups among them: a group comes before its parts. */
export const allParts = (parts: readonly PartSpec[]): PartSpec[] =>
  parts.flatMap((part) => (part.kind === 'step' ? [part] : [part, ...allParts(part.parts)]))

/** True when the loop can end after different numbers of rounds. */
export const isElastic = (part: PartSpec): boolean => part.max > part.min

export const hasGap = (part: PartSpec): boolean => Number.isFinite(part.gapMs) || Number.isFinite(part.loopGapMs)

/**
 * Names everything that the meaning of stored partial matches depends on: order, steps, quantifiers, contiguity, window,
 * skip strategy. Conditions are functions, their text is no part of it: a changed condition applies to the events that
 * come after the change, and stored partial matches go on.
 */
export function patternSignature({ order, parts, withinMs, skip }: PatternSpec, layout: string): string {
  const texts = [
    order.kind === 'arrival' ? 'arrival' : `event-time(${order.graceMs})${order.ties === undefined ? '' : ' ties'}`,
    ...parts.map(partSignature),
    withinMs === undefined ? 'unbounded' : `within(${withinMs})`,
    `skip(${skip === undefined ? 'no-skip' : 'step' in skip ? `${skip.kind} ${JSON.stringify(skip.step)}` : skip.kind})`,
    layout,
  ]
  return `pattern(${texts.join(';')})`
}

function partSignature(part: PartSpec): string {
  const { verb, min, max, loop, optional, greedy, inner, until, gapMs, loopGapMs, gapReading } = part
  let text = part.kind === 'group' ? `${verb} (${part.parts.map(partSignature).join(';')})` : stepText(part)
  if (loop) text += `{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}${inner === 'relaxed' ? '' : inner}`
  if (Number.isFinite(gapMs)) text += `<${gapMs}`
  if (Number.isFinite(loopGapMs)) text += `<<${loopGapMs}${gapReading === 'every' ? '' : gapReading}`
  if (optional) text += '?'
  if (greedy) text += '+'
  if (until !== undefined) text += ' until'
  return text
}

const stepText = ({ verb, name, measure }: StepSpec): string =>
  `${verb} ${JSON.stringify(name)}${measure === undefined ? '' : '#'}`
