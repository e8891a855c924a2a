import { MillraceError } from '../../errors.ts'
import { patternLimits } from './limits.ts'
import type { RuleSpec } from './rules-machine.ts'

/** Checks a list of rules. @throws MillraceError `PATTERN_INVALID`, `DUPLICATE` */
export function checkRules(where: string, rules: readonly RuleSpec[]): void {
  const refuse = (problem: string, fix: string): never => {
    throw new MillraceError('PATTERN_INVALID', { where, problem, fix })
  }
  if (rules.length === 0) refuse('The list has no rule.', 'Add one with .rule(name, pattern, onMatch).')
  if (rules.length > patternLimits.rulesMax)
    refuse(`The list has ${rules.length} rules, and ${patternLimits.rulesMax} is the most.`, 'Make it two processors.')
  for (const { name, version, compiled, drains } of rules) {
    if (compiled.withinMs === undefined)
      refuse(`The rule ${JSON.stringify(name)} has no window, so what it keeps would never end.`, 'Add .within(…).')
    const same = rules.filter((each) => each.name === name)
    if (same.filter((each) => each.version === version).length > 1)
      throw new MillraceError('DUPLICATE', {
        what: `rules of version ${version}`,
        name,
        where,
        fix: 'Rename one, or raise the version of the newer.',
      })
    if (!drains && same.some((each) => !each.drains && each.version !== version))
      refuse(
        `Two versions of the rule ${JSON.stringify(name)} look for new matches.`,
        'Give the older one { drains: true }, or rename one of them.',
      )
  }
}
