import { MillraceError } from '../../errors.ts'
import { specOf } from '../patterns/checks-whole.ts'
import { type Compiled, compile } from '../patterns/compile.ts'
import { type Pattern, pattern } from '../patterns/pattern.ts'
import type { Lists, SequenceRule } from './rule.ts'

type AnyPattern = Pattern<unknown, Record<string, unknown>>
type Described = Pick<SequenceRule<unknown, unknown, unknown>, 'name' | 'pattern'>

/**
 * The pattern of a sequence rule with these parameters. One that chooses no skip strategy skips past the last event: one
 * alert for each attack, not one for each way to read it.
 */
export function sequencePattern({ pattern: describe }: Described, parameters: unknown, lists: Lists): AnyPattern {
  const described = describe(pattern<unknown>().order('arrival'), parameters, lists) as AnyPattern
  return specOf(described).skip === undefined ? described.skip('past-last-event') : described
}

/**
 * Checks the whole pattern of a sequence rule with these parameters.
 * @throws MillraceError `PATTERN_INVALID`, and whatever the pattern's own calls throw
 */
export function checkSequence(rule: Described, parameters: unknown): Compiled {
  const compiled = compile(sequencePattern(rule, parameters, { listed: () => false }))
  if (compiled.withinMs === undefined)
    throw new MillraceError('PATTERN_INVALID', {
      where: `sequence(${JSON.stringify(rule.name)})`,
      problem: 'The sequence has no window, so what it keeps would never end.',
      fix: 'Add .within(…).',
    })
  return compiled
}
