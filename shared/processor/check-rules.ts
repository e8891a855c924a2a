import type { AnyRule } from '../engine/rules/rule.ts'
import { MillraceError } from '../errors.ts'

/**
 * Checks the rules of a set.
 * @param made the rules of the profile that the set is of
 * @throws MillraceError `OPTION_INVALID`, `DUPLICATE`
 */
export function checkRules(rules: readonly AnyRule[], made: WeakSet<AnyRule>): void {
  const seen = new Set<string>()
  for (const rule of rules) {
    if (rule?.kind !== 'rule' && rule?.kind !== 'sequence')
      throw new MillraceError('OPTION_INVALID', {
        where: 'set()',
        option: 'rules',
        given: typeof rule,
        must: 'rules made with .rule(…) and .sequence(…)',
      })
    if (!made.has(rule))
      throw new MillraceError('OPTION_INVALID', {
        where: 'set()',
        option: 'rules',
        given: rule.name,
        must: 'rules of this profile: each sees what its own profile keeps. Put it into a set of that one',
      })
    if (seen.has(rule.name)) throw new MillraceError('DUPLICATE', { what: 'rules', name: rule.name })
    seen.add(rule.name)
  }
}
