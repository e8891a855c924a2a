import { MillraceError } from '../../errors.ts'
import { isDuration } from '../../time.ts'
import { boundsSpec } from './bounds.ts'
import {
  checkCondition,
  checkGroup,
  checkJoin,
  checkMeasure,
  checkOptional,
  checkStep,
  checkWithinPrevious,
  refuse,
  written,
} from './checks.ts'
import {
  newGroup,
  newStep,
  type OrderSpec,
  type PartSpec,
  type PatternSpec,
  type StoredCondition,
  type Verb,
} from './declaration.ts'
import { greedyMark, innerMark, joinedMark, loopMark, timesMark, untilMark } from './marks.ts'
import type { AnySteps } from './match.ts'
import type { Pattern, PatternBeginning, PatternStart } from './pattern.ts'
import { skipSpec } from './skip-spec.ts'

type AnyPattern = Pattern<unknown, AnySteps, string>
type Describe = (start: unknown) => unknown

/** What `pattern()` returns, over untyped events. */
export const beginning = (): PatternStart<unknown> => ({
  order: (kind: string, options?: object) => begin(empty(orderSpec(kind, options), undefined)),
})

const empty = (order: OrderSpec, around: readonly PartSpec[] | undefined): PatternSpec => ({
  order,
  parts: [],
  around,
  withinMs: undefined,
  skip: undefined,
  bounds: {},
})

/** A pattern over events in an order that was checked before. */
export const beginningIn = (order: OrderSpec): PatternBeginning<unknown> => begin(empty(order, undefined))

const begin = (spec: PatternSpec): PatternBeginning<unknown> =>
  Object.freeze({ begin: adding(spec, 'begin') }) as unknown as PatternBeginning<unknown>

/** Checks and reads what `order` was given. */
export function orderSpec(kind: unknown, options: object | undefined): OrderSpec {
  const where = 'pattern().order()'
  if (kind !== 'event-time' && kind !== 'arrival')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'order',
      given: kind,
      must: "'event-time' or 'arrival'",
    })
  const known = kind === 'event-time' ? ['grace', 'ties'] : []
  for (const option of Object.keys(options ?? {}))
    if (!known.includes(option))
      throw new MillraceError('OPTION_UNKNOWN', { where, option, known: known.join(', ') || 'none' })
  if (kind === 'arrival') return { kind }
  const { grace, ties } = (options ?? {}) as { grace?: unknown; ties?: unknown }
  if (!isDuration(grace)) throw new MillraceError('DURATION_INVALID', { where, option: 'grace', given: grace, min: 0 })
  if (ties !== undefined && typeof ties !== 'function')
    throw new MillraceError('OPTION_INVALID', { where, option: 'ties', given: ties, must: 'a function of two events' })
  return { kind, graceMs: grace, ties: ties as ((a: unknown, b: unknown) => number) | undefined }
}

const adding =
  (spec: PatternSpec, verb: Verb) =>
  (name: unknown, condition?: unknown, options?: unknown): AnyPattern => {
    const part =
      typeof name === 'function' ? groupOf(spec, verb, name as Describe) : stepOf(spec, verb, name, condition, options)
    checkJoin(part, spec.parts)
    return build({ ...spec, parts: [...spec.parts, part] })
  }

function stepOf(spec: PatternSpec, verb: Verb, name: unknown, condition: unknown, options: unknown): PartSpec {
  const measure = checkMeasure(`.${verb}(${JSON.stringify(name)})`, options)
  const step = newStep(name as string, verb, condition as StoredCondition, measure)
  checkStep(step, [...(spec.around ?? []), ...spec.parts])
  return step
}

function groupOf(spec: PatternSpec, verb: Verb, describe: Describe): PartSpec {
  const described = describe(begin(empty(spec.order, [...(spec.around ?? []), ...spec.parts])))
  return newGroup(verb, checkGroup(verb, described))
}

function build(spec: PatternSpec): AnyPattern {
  const before = spec.parts.slice(0, -1)
  const part = spec.parts.at(-1)!
  const marked = (mark: Partial<PartSpec>) => build({ ...spec, parts: [...before, { ...part, ...mark } as PartSpec] })
  return Object.freeze({
    spec,
    next: adding(spec, 'next'),
    followedBy: adding(spec, 'followedBy'),
    followedByAny: adding(spec, 'followedByAny'),
    notNext: adding(spec, 'notNext'),
    notFollowedBy: adding(spec, 'notFollowedBy'),
    where: (condition: unknown) => marked(joinedMark(part, 'where', checkCondition(written(part), condition))),
    or: (condition: unknown) => marked(joinedMark(part, 'or', checkCondition(written(part), condition))),
    times: (...given: unknown[]) => marked(timesMark(part, before, given)),
    atLeast: (n: unknown, options?: unknown) => marked(loopMark(part, 'atLeast', n, options)),
    oneOrMore: (options?: unknown) => marked(loopMark(part, 'oneOrMore', 1, options)),
    optional() {
      checkOptional(part, before)
      return marked({ optional: true })
    },
    greedy: () => marked(greedyMark(part)),
    consecutive: () => marked(innerMark(part, 'consecutive')),
    allowCombinations: () => marked(innerMark(part, 'allowCombinations')),
    until: (condition: unknown) => marked(untilMark(part, condition)),
    within: (duration: unknown) =>
      build({ ...spec, withinMs: Math.min(spec.withinMs ?? Number.POSITIVE_INFINITY, window(spec, duration)) }),
    withinPrevious: (duration: unknown) => marked({ gapMs: checkWithinPrevious(part, before, spec, duration) }),
    skip: (strategy: unknown) => build({ ...spec, skip: skipSpec(strategy, spec) }),
    bounds: (given: unknown) => build({ ...spec, bounds: boundsSpec(given, spec) }),
  }) as unknown as AnyPattern
}

function window(spec: PatternSpec, duration: unknown): number {
  if (spec.around !== undefined)
    refuse('.within()', 'A window is that of the whole match, and this is a group.', 'Move within behind the group.')
  if (!isDuration(duration, 1))
    throw new MillraceError('DURATION_INVALID', { where: '.within()', option: 'duration', given: duration, min: 1 })
  return duration
}
