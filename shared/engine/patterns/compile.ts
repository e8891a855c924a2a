import { type Automaton, buildAutomaton, passesNeutralEvents } from './automaton.ts'
import { checkPattern, specOf } from './checks-whole.ts'
import {
  allParts,
  hasGap,
  type OrderSpec,
  type PatternSpec,
  patternSignature,
  type SkipSpec,
  type StepSpec,
  type StoredCondition,
  stepsOf,
} from './declaration.ts'
import { defaultBounds, type PatternBounds } from './limits.ts'
import type { Pattern } from './pattern.ts'

/**
 * A loop and one step after it, `begin(S)` [`times` | `atLeast` | `oneOrMore`] `.followedBy(L)`, relaxed, decided by each
 * event alone. Its partial matches are the suffixes of one list of events, so they need not be kept one by one.
 */
export interface Run {
  readonly min: number
  readonly max: number
}

/** A pattern, checked and ready to run. */
export interface Compiled {
  readonly signature: string
  readonly order: OrderSpec
  readonly steps: readonly StepSpec[]
  readonly withinMs: number | undefined
  readonly skip: SkipSpec
  /** Stream time must be this far ahead of an event before it, or a time-out at its time, is dealt with. */
  readonly lagMs: number
  /** By bit: the conditions of the steps, then the untils. */
  readonly conditions: readonly StoredCondition[]
  /** Bits of the conditions that look at the events so far. */
  readonly iterative: number
  /** An event that fits no condition at all need not be looked at. */
  readonly dropsNeutral: boolean
  /** A step or a loop limits the time since the event before. */
  readonly hasGaps: boolean
  /**
   * Of the partial matches with one first event and in one state, only the first can ever go out: what follows is the
   * same for all of them, and its match discards the others. So only that one is kept.
   */
  readonly firstOfState: boolean
  readonly automaton: Automaton
  readonly run: Run | undefined
  /** Bits of the conditions by which an event is taken: of one that fits none of them, only its being there counts. */
  readonly takes: number
  readonly bounds: PatternBounds
  readonly chosenBounds: Partial<PatternBounds>
}

/**
 * Checks the whole pattern and makes it ready to run.
 * @throws MillraceError `PATTERN_INVALID` for what only the whole pattern shows: nothing required, an absence at the end
 * without a window, a skip target that is no step
 */
export function compile(pattern: Pick<Pattern<never, never>, 'spec'>): Compiled {
  const spec = specOf(pattern)
  checkPattern(spec)
  const { order, parts, withinMs } = spec
  const steps = stepsOf(parts)
  const skip: SkipSpec = spec.skip ?? { kind: 'no-skip' }
  const untils = allParts(parts).flatMap((part) => (part.until === undefined ? [] : [part.until]))
  const conditions = [...steps.map((step) => step.condition), ...untils]
  const iterative = conditions.reduce((bits, condition, i) => (condition.length < 2 ? bits : bits | (1 << i)), 0)
  const hasGaps = allParts(parts).some(hasGap)
  const automaton = buildAutomaton(parts)
  const run = iterative === 0 && !hasGaps ? runOf(spec) : undefined
  return {
    signature: patternSignature(spec, run !== undefined ? 'line' : iterative === 0 ? 'tree' : 'iterative tree'),
    order,
    steps,
    withinMs,
    skip,
    lagMs: order.kind === 'event-time' ? order.graceMs + 1 : 0,
    conditions,
    iterative,
    dropsNeutral: iterative === 0 && passesNeutralEvents(parts),
    hasGaps,
    firstOfState: iterative === 0 && !hasGaps && (skip.kind === 'to-next' || skip.kind === 'past-last-event'),
    automaton,
    run,
    takes: takesOf(automaton),
    bounds: { ...defaultBounds, ...spec.bounds },
    chosenBounds: spec.bounds,
  }
}

function runOf({ parts, skip }: PatternSpec): Run | undefined {
  const [loop, last] = parts
  if (loop?.kind !== 'step' || last?.kind !== 'step' || parts.length !== 2 || (skip !== undefined && 'step' in skip))
    return undefined
  if (loop.optional || loop.greedy || loop.until !== undefined || loop.inner !== 'relaxed') return undefined
  if (last.verb !== 'followedBy' || last.loop || last.optional) return undefined
  return { min: loop.min, max: loop.max }
}

function takesOf(automaton: Automaton): number {
  let takes = 0
  for (const { moves } of automaton) for (const { kind, step } of moves) if (kind === 'take') takes |= 1 << step
  return takes
}

/** False when it is certain that the value of an event, of which `bits` hold, is never asked for again. */
export const needsValue = ({ takes, iterative }: Compiled, bits: number): boolean =>
  iterative !== 0 || (bits & takes) !== 0

/** Bits of the conditions that hold for an event by itself. */
export function judge({ conditions, iterative }: Compiled, value: unknown): number {
  let bits = 0
  for (let i = 0; i < conditions.length; i++) {
    const bit = 1 << i
    if ((iterative & bit) === 0 && (conditions[i] as (event: unknown) => boolean)(value)) bits |= bit
  }
  return bits
}
