import { MillraceError } from '../../errors.ts'
import { isNot, type PatternSpec, type StepSpec } from './declaration.ts'
import { patternLimits } from './limits.ts'

/** @throws MillraceError `PATTERN_INVALID` */
export function refuse(where: string, problem: string, fix: string): never {
  throw new MillraceError('PATTERN_INVALID', { where, problem, fix })
}

/** As the step was written, for error messages. */
export const written = (step: Pick<StepSpec, 'verb' | 'name'>): string => `.${step.verb}(${JSON.stringify(step.name)})`

/** Checks a step that is about to follow `before`. */
export function checkStep(step: StepSpec, before: readonly StepSpec[]): void {
  const where = written(step)
  if (typeof step.name !== 'string' || step.name === '' || step.name.length > 100)
    refuse(
      where,
      'A step needs a name of 1 to 100 characters.',
      "Name it after what it takes, as in .begin('small', …).",
    )
  if (before.some((other) => other.name === step.name))
    refuse(
      where,
      `There is a step called ${JSON.stringify(step.name)} already.`,
      'Rename one: matches tell their events apart by it.',
    )
  if (typeof step.condition !== 'function')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'condition',
      given: typeof step.condition,
      must: 'a function of the event',
    })
  const last = before.at(-1)
  if (last !== undefined && isNot(step)) checkNot(where, step, last)
}

// https://nightlies.apache.org/flink/flink-docs-master/docs/libs/cep/#combining-patterns
function checkNot(where: string, step: StepSpec, last: StepSpec): void {
  if (last.optional)
    refuse(
      where,
      `A NOT cannot come right after the optional step ${JSON.stringify(last.name)}: where that is absent, nothing says from when on to look.`,
      'Make that step required, or write two rules, one with it and one without.',
    )
  if (step.verb === 'notNext' && isNot(last))
    refuse(where, 'notNext speaks of the very next event and cannot come after another NOT.', 'Put notNext first.')
}

/** Checks a quantifier on the step at hand. */
export function checkQuantifier(step: StepSpec, quantifier: string): void {
  const where = written(step)
  if (isNot(step))
    refuse(
      where,
      `A NOT takes no event, so ${quantifier} means nothing here.`,
      `Move ${quantifier} to a step that takes events.`,
    )
  if (step.loop)
    refuse(where, `${quantifier} is the second quantifier of this step.`, 'Keep one of times, atLeast and oneOrMore.')
  if (step.optional || step.greedy)
    refuse(where, `${quantifier} comes after another mark of the step.`, `Write ${quantifier} directly after the step.`)
}

/** @throws MillraceError `OPTION_INVALID` unless `n` is a whole number from `min` to the bound. */
export function checkTimes(where: string, option: string, n: unknown, min: number): void {
  if (!Number.isSafeInteger(n) || (n as number) < min || (n as number) > patternLimits.timesMax)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option,
      given: n,
      must: `a whole number from ${min} to ${patternLimits.timesMax}`,
    })
}

/** Checks a mark that needs a loop. */
export function checkLoop(step: StepSpec, mark: string): void {
  if (!step.loop)
    refuse(
      written(step),
      `${mark} speaks of a loop, and this step takes one event.`,
      'Put times, atLeast or oneOrMore before it.',
    )
}

export function checkOptional(step: StepSpec, before: readonly StepSpec[]): void {
  const where = written(step)
  if (isNot(step)) refuse(where, 'A NOT cannot be optional.', 'Drop the NOT, or drop optional().')
  if (step.optional)
    refuse(where, 'The step is optional already.', 'Drop the second optional(); times(0, n) is optional by itself.')
  if (before.findLast((each) => !isNot(each))?.greedy)
    refuse(
      where,
      'An optional step cannot come after a greedy one: both would decide where the loop ends.',
      'Make the step required, or the loop not greedy.',
    )
}

/** Checks that hold for the whole pattern only. Order: structure first, then names that refer to it. */
export function checkPattern({ steps, withinMs, skip }: PatternSpec): void {
  const last = steps.at(-1)!
  const conditions = steps.reduce((n, step) => n + (step.until === undefined ? 1 : 2), 0)
  if (conditions > patternLimits.conditionsMax)
    refuse(
      written(last),
      `The pattern has ${conditions} conditions, and ${patternLimits.conditionsMax} is the most.`,
      'Split it into two rules.',
    )
  if (steps.every((step) => isNot(step) || step.optional))
    refuse(written(steps[0]!), 'Every step is optional: nothing would be a match.', 'Make at least one step required.')
  if (last.verb === 'notFollowedBy' && withinMs === undefined)
    refuse(
      written(last),
      'A pattern that ends with notFollowedBy is complete when its window ends, and this one has none.',
      'Say how long to wait: .within(minutes(5)).',
    )
  const lastNot = steps.findLastIndex(isNot)
  const after = steps.slice(lastNot + 1)
  if (lastNot >= 0 && after.length > 0 && after.every((step) => step.optional))
    refuse(
      written(steps[lastNot]!),
      'After this NOT all is optional: nothing says when the absence is proven.',
      'End with the NOT and a window, or make a step after it required.',
    )
  if (skip === undefined || !('step' in skip)) return
  const target = steps.find((step) => step.name === skip.step)
  if (target === undefined)
    refuse(
      '.skip()',
      `There is no step called ${JSON.stringify(skip.step)}.`,
      `Steps are: ${steps
        .filter((step) => !isNot(step))
        .map((step) => step.name)
        .join(', ')}.`,
    )
  if (isNot(target))
    refuse(
      '.skip()',
      `${JSON.stringify(skip.step)} is a NOT: it has no event to skip to.`,
      'Name a step that takes events.',
    )
}
