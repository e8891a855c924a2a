import { MillraceError } from '../../errors.ts'
import { isDuration } from '../../time.ts'
import { checkLoop, checkOptional, checkQuantifier, checkStep, checkTimes, refuse, written } from './checks.ts'
import {
  newStep,
  type OrderSpec,
  type PatternSpec,
  type SkipSpec,
  type StepSpec,
  type StoredCondition,
  type Verb,
} from './declaration.ts'
import type { AnySteps } from './match.ts'
import type { Pattern, PatternBeginning, PatternStart } from './pattern.ts'

/** What `pattern()` returns, over untyped events. */
export const beginning = (): PatternStart<unknown> => ({
  order(kind: string, options?: object): PatternBeginning<unknown> {
    const spec: PatternSpec = { order: orderSpec(kind, options), steps: [], withinMs: undefined, skip: undefined }
    return Object.freeze({
      begin: (name: string, condition: unknown) => withStep(spec, 'begin', name, condition),
    }) as PatternBeginning<unknown>
  },
})

function orderSpec(kind: unknown, options: object | undefined): OrderSpec {
  const where = 'pattern().order()'
  if (kind !== 'event-time' && kind !== 'arrival')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'order',
      given: kind,
      must: "'event-time' or 'arrival'",
    })
  const known = kind === 'event-time' ? ['grace'] : []
  for (const option of Object.keys(options ?? {}))
    if (!known.includes(option))
      throw new MillraceError('OPTION_UNKNOWN', { where, option, known: known.join(', ') || 'none' })
  if (kind === 'arrival') return { kind }
  const { grace } = (options ?? {}) as { grace?: unknown }
  if (!isDuration(grace)) throw new MillraceError('DURATION_INVALID', { where, option: 'grace', given: grace, min: 0 })
  return { kind, graceMs: grace }
}

function withStep(spec: PatternSpec, verb: Verb, name: string, condition: unknown): Pattern<unknown, AnySteps> {
  const step = newStep(name, verb, condition as StoredCondition)
  checkStep(step, spec.steps)
  return build({ ...spec, steps: [...spec.steps, step] })
}

function build(spec: PatternSpec): Pattern<unknown, AnySteps> {
  const before = spec.steps.slice(0, -1)
  const step = spec.steps.at(-1)!
  const adding = (verb: Verb) => (name: string, condition: unknown) => withStep(spec, verb, name, condition)
  const marked = (mark: Partial<StepSpec>) => build({ ...spec, steps: [...before, { ...step, ...mark }] })
  return Object.freeze({
    spec,
    next: adding('next'),
    followedBy: adding('followedBy'),
    followedByAny: adding('followedByAny'),
    notNext: adding('notNext'),
    notFollowedBy: adding('notFollowedBy'),
    times: (from: number, to = from) => marked(timesMark(step, before, from, to)),
    atLeast: (n: number) => marked(loopMark(step, 'atLeast', n)),
    oneOrMore: () => marked(loopMark(step, 'oneOrMore', 1)),
    optional() {
      checkOptional(step, before)
      return marked({ optional: true })
    },
    greedy: () => marked(greedyMark(step)),
    consecutive: () => marked(innerMark(step, 'consecutive')),
    allowCombinations: () => marked(innerMark(step, 'allowCombinations')),
    until: (condition: unknown) => marked(untilMark(step, condition)),
    within: (duration: unknown) =>
      build({ ...spec, withinMs: Math.min(spec.withinMs ?? Number.POSITIVE_INFINITY, window(duration)) }),
    skip: (strategy: unknown) => build({ ...spec, skip: skipSpec(strategy, spec.skip) }),
  }) as Pattern<unknown, AnySteps>
}

function timesMark(step: StepSpec, before: readonly StepSpec[], from: number, to: number): Partial<StepSpec> {
  checkQuantifier(step, 'times')
  const where = `${written(step)}.times()`
  checkTimes(where, 'to', to, 1)
  checkTimes(where, 'from', from, 0)
  if (from > to) refuse(where, `It asks for ${from} to ${to} events.`, 'Write the smaller number first.')
  if (from === 0) checkOptional(step, before)
  return { loop: true, min: Math.max(from, 1), max: to, optional: from === 0 }
}

function loopMark(step: StepSpec, quantifier: string, n: number): Partial<StepSpec> {
  checkQuantifier(step, quantifier)
  checkTimes(`${written(step)}.${quantifier}()`, 'n', n, 1)
  return { loop: true, min: n, max: Number.POSITIVE_INFINITY }
}

function greedyMark(step: StepSpec): Partial<StepSpec> {
  checkLoop(step, 'greedy')
  if (step.inner === 'any')
    refuse(written(step), 'A loop cannot be greedy and allow combinations.', 'Keep one of the two.')
  return { greedy: true }
}

function innerMark(step: StepSpec, mark: 'consecutive' | 'allowCombinations'): Partial<StepSpec> {
  checkLoop(step, mark)
  if (step.inner !== 'relaxed')
    refuse(
      written(step),
      'A loop is either consecutive or allows combinations, and says so once.',
      'Keep one of the two.',
    )
  if (mark === 'consecutive') return { inner: 'strict' }
  if (step.greedy) refuse(written(step), 'A loop cannot be greedy and allow combinations.', 'Keep one of the two.')
  return { inner: 'any' }
}

function untilMark(step: StepSpec, condition: unknown): Partial<StepSpec> {
  const where = `${written(step)}.until()`
  if (step.max !== Number.POSITIVE_INFINITY)
    refuse(where, 'until ends a loop that has no end of its own.', 'Put atLeast or oneOrMore before it.')
  if (step.until !== undefined) refuse(where, 'The loop has an until already.', 'Join the two conditions with ||.')
  if (typeof condition !== 'function')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'condition',
      given: typeof condition,
      must: 'a function of the event',
    })
  return { until: condition as StoredCondition }
}

function window(duration: unknown): number {
  if (!isDuration(duration, 1))
    throw new MillraceError('DURATION_INVALID', { where: '.within()', option: 'duration', given: duration, min: 1 })
  return duration
}

function skipSpec(strategy: unknown, chosen: SkipSpec | undefined): SkipSpec {
  if (chosen !== undefined) refuse('.skip()', 'The skip strategy is chosen already.', 'Keep one.')
  if (strategy === 'no-skip' || strategy === 'to-next' || strategy === 'past-last-event') return { kind: strategy }
  const { toFirst, toLast, ...rest } = (typeof strategy === 'object' ? (strategy ?? {}) : {}) as Record<string, unknown>
  const exactlyOne = (typeof toFirst === 'string') !== (typeof toLast === 'string') && Object.keys(rest).length === 0
  if (!exactlyOne)
    throw new MillraceError('OPTION_INVALID', {
      where: '.skip()',
      option: 'strategy',
      given: strategy,
      must: "'no-skip', 'to-next', 'past-last-event', { toFirst: step } or { toLast: step }",
    })
  return typeof toFirst === 'string' ? { kind: 'to-first', step: toFirst } : { kind: 'to-last', step: toLast as string }
}
