import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkLookBack } from '../engine/rules/look-back.ts'
import type { ProfileSpec } from '../engine/rules/profile.ts'
import type { AnyRule, SequenceRule } from '../engine/rules/rule.ts'
import { checkSequence } from '../engine/rules/sequence-pattern.ts'
import { MillraceError } from '../errors.ts'

type AnySequence = SequenceRule<unknown, unknown, unknown>

/**
 * What a schema makes of the parameters of a rule.
 * @throws MillraceError `SETTINGS_INVALID` for what are none, `OPTION_INVALID` for a schema that is asynchronous
 */
export function parserOf<Parameters>(name: string, schema: StandardSchemaV1<unknown, Parameters>) {
  return (given: unknown): Parameters => {
    const outcome = schema['~standard'].validate(given)
    if (outcome instanceof Promise)
      throw new MillraceError('OPTION_INVALID', {
        where: `rule(${JSON.stringify(name)})`,
        option: 'parameters',
        given: 'an asynchronous schema',
        must: 'a schema that validates synchronously',
      })
    if (outcome.issues === undefined) return outcome.value
    const path = outcome.issues[0]?.path?.map((part) => (typeof part === 'object' ? part.key : part)).join('.')
    const at = `rules.${name}.parameters${path ? `.${path}` : ''}`
    throw new MillraceError('SETTINGS_INVALID', { at, problem: outcome.issues[0]?.message ?? 'not valid' })
  }
}

/** Parameters that its schema takes may still make a rule look further back than is kept. */
export const ruleParser =
  (rule: AnyRule, spec: ProfileSpec) =>
  (given: unknown): unknown => {
    const parameters = rule.parse(given)
    checkRule(rule, spec, parameters)
    return parameters
  }

/** @throws MillraceError `SETTINGS_INVALID` */
export function checkRule(rule: AnyRule, spec: ProfileSpec, parameters: unknown): void {
  const read = rule.kind === 'rule' ? rule.when : rule.sees
  if (read !== undefined) checkLookBack(rule.name, read, spec, parameters)
}

/** Parameters that its schema takes may still make a pattern that cannot be. */
export const sequenceParser =
  (rule: AnySequence) =>
  (given: unknown): unknown => {
    const parameters = rule.parse(given)
    try {
      checkSequence(rule, parameters)
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      throw new MillraceError('SETTINGS_INVALID', {
        at: `rules.${rule.name}.parameters`,
        problem: error.message.replace(/\.$/, ''),
      })
    }
    return parameters
  }
