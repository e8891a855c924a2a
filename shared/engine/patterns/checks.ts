import { MillraceError } from '../../errors.ts'
import { isDuration } from '../../time.ts'
import type { StoredMeasure } from './declaration.ts'
import { isNot, type PartSpec, type PatternSpec, type StepSpec, type StoredCondition, stepsOf } from './declaration.ts'
import { patternLimits } from './limits.ts'

/** @throws MillraceError `PATTERN_INVALID` */
export function refuse(where: string, problem: string, fix: string): never {
  throw new MillraceError('PATTERN_INVALID', { where, problem, fix })
}

/** As the part was written, for error messages. */
export const written = (part: PartSpec): string =>
  `.${part.verb}(${part.kind === 'group' ? `(group) => … ${nameOf(part)} …` : JSON.stringify(part.name)})`

/** What a part is called: a group by its first step. */
export const nameOf = (part: PartSpec): string => JSON.stringify(stepsOf([part])[0]?.name)

/** Checks a step that is about to follow `before`, which in a group holds what comes before the group as well. */
export function checkStep(step: StepSpec, before: readonly PartSpec[]): void {
  const where = written(step)
  if (typeof step.name !== 'string' || step.name === '' || step.name.length > 100)
    refuse(
      where,
      'A step needs a name of 1 to 100 characters.',
      "Name it after what it takes, as in .begin('small', …).",
    )
  if (stepsOf(before).some((other) => other.name === step.name))
    refuse(
      where,
      `There is a step called ${JSON.stringify(step.name)} already.`,
      'Rename one: matches tell their events apart by it.',
    )
  checkCondition(where, step.condition)
}

/** @throws MillraceError `OPTION_INVALID` */
export function checkCondition(where: string, condition: unknown): StoredCondition {
  if (typeof condition === 'function') return condition as StoredCondition
  throw new MillraceError('OPTION_INVALID', {
    where,
    option: 'condition',
    given: typeof condition,
    must: 'a function of the event',
  })
}

/** @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkMeasure(where: string, options: unknown): StoredMeasure | undefined {
  if (options === undefined) return undefined
  for (const option of Object.keys(options as object))
    if (option !== 'measure') throw new MillraceError('OPTION_UNKNOWN', { where, option, known: 'measure' })
  const { measure } = options as { measure?: unknown }
  if (typeof measure === 'function') return measure as StoredMeasure
  throw new MillraceError('OPTION_INVALID', {
    where,
    option: 'measure',
    given: typeof measure,
    must: 'a function of the event that returns a number',
  })
}

/** Checks a group as it was described. @returns its parts */
export function checkGroup(verb: string, described: unknown): readonly PartSpec[] {
  const where = `.${verb}((group) => …)`
  const spec = (described as { spec?: PatternSpec } | undefined)?.spec
  if (spec?.parts === undefined || spec.around === undefined || spec.parts.length === 0)
    refuse(
      where,
      'The function does not return a group.',
      "Return what begins with the given start: (g) => g.begin('b', …).",
    )
  const { parts } = spec
  if (verb === 'notNext' || verb === 'notFollowedBy')
    refuse(where, 'A NOT speaks of one event, not of a group.', 'Write one NOT for each condition.')
  if (isNot(parts.at(-1)!))
    refuse(
      where,
      `The group ends with the NOT ${nameOf(parts.at(-1)!)}: what comes after it depends on whether the group goes on.`,
      'Put the NOT behind the group, or a step behind the NOT.',
    )
  if (parts.every((part) => isNot(part) || part.optional))
    refuse(
      where,
      'Every step of the group is optional: a round of it could be empty.',
      'Make a step of it required, and the group optional.',
    )
  return parts
}

/** Checks how a part joins those before it. */
// https://nightlies.apache.org/flink/flink-docs-master/docs/libs/cep/#combining-patterns
export function checkJoin(part: PartSpec, before: readonly PartSpec[]): void {
  const last = before.at(-1)
  if (last === undefined) return
  const where = written(part)
  if (isNot(part)) {
    if (last.optional)
      refuse(
        where,
        `A NOT cannot come right after the optional step ${nameOf(last)}: where that is absent, nothing says from when on to look.`,
        'Make that step required, or write two rules, one with it and one without.',
      )
    if (part.verb === 'notNext' && isNot(last))
      refuse(where, 'notNext speaks of the very next event and cannot come after another NOT.', 'Put notNext first.')
  }
  if (beginsOptional(part)) checkAfterGreedy(part, before)
}

/** True for what need not take an event where it begins, though it is not optional as a whole. */
function beginsOptional(part: PartSpec): boolean {
  return part.kind === 'group' && (part.parts[0]!.optional || beginsOptional(part.parts[0]!))
}

/** The steps that may be the last to take an event. */
function lastOf(part: PartSpec | undefined): readonly PartSpec[] {
  if (part === undefined || part.kind === 'step') return part === undefined ? [] : [part]
  const from = part.parts.findLastIndex((each) => !each.optional && !isNot(each))
  return part.parts.slice(from).flatMap(lastOf)
}

function checkAfterGreedy(part: PartSpec, before: readonly PartSpec[]): void {
  if (lastOf(before.findLast((each) => !isNot(each))).some((each) => each.greedy))
    refuse(
      written(part),
      'An optional step cannot come after a greedy one: both would decide where the loop ends.',
      'Make the step required, or the loop not greedy.',
    )
}

/** Checks a quantifier on the part at hand. */
export function checkQuantifier(part: PartSpec, quantifier: string): void {
  const where = written(part)
  if (isNot(part))
    refuse(
      where,
      `A NOT takes no event, so ${quantifier} means nothing here.`,
      `Move ${quantifier} to a step that takes events.`,
    )
  if (part.loop)
    refuse(where, `${quantifier} is the second quantifier of this step.`, 'Keep one of times, atLeast and oneOrMore.')
  if (part.optional || part.greedy)
    refuse(where, `${quantifier} comes after another mark of the step.`, `Write ${quantifier} directly after the step.`)
  if (beginsOptional(part) && lastOf(part).some((each) => each.greedy))
    refuse(
      where,
      'The group ends with a greedy loop and begins with an optional step: both would decide where a round ends.',
      'Make the first step required, or the loop not greedy.',
    )
}

/** @throws MillraceError `OPTION_INVALID` unless `n` is a whole number from `min` to the bound. */
export function checkTimes(where: string, option: string, n: unknown, min: number): asserts n is number {
  if (!Number.isSafeInteger(n) || (n as number) < min || (n as number) > patternLimits.timesMax)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option,
      given: n,
      must: `a whole number from ${min} to ${patternLimits.timesMax}`,
    })
}

/** Checks a mark that needs a loop. */
export function checkLoop(part: PartSpec, mark: string): void {
  if (!part.loop)
    refuse(
      written(part),
      `${mark} speaks of a loop, and this step takes one event.`,
      'Put times, atLeast or oneOrMore before it.',
    )
}

export function checkOptional(part: PartSpec, before: readonly PartSpec[]): void {
  const where = written(part)
  if (isNot(part)) refuse(where, 'A NOT cannot be optional.', 'Drop the NOT, or drop optional().')
  if (part.optional)
    refuse(where, 'The step is optional already.', 'Drop the second optional(); times(0, n) is optional by itself.')
  checkAfterGreedy(part, before)
}

/** @returns the gap in ms */
export function checkWithinPrevious(
  part: PartSpec,
  before: readonly PartSpec[],
  { around }: PatternSpec,
  duration: unknown,
): number {
  const where = `${written(part)}.withinPrevious()`
  if (!isDuration(duration, 1))
    throw new MillraceError('DURATION_INVALID', { where, option: 'duration', given: duration, min: 1 })
  if (before.length === 0 && (around === undefined || around.length === 0))
    refuse(where, 'There is no event before the first step to measure from.', 'Move it to a later step.')
  if (part.verb === 'notNext')
    refuse(where, 'notNext speaks of the very next event, whenever that comes.', 'Use notFollowedBy.')
  return Math.min(part.gapMs, duration)
}
