import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Match } from '../engine/patterns/match.ts'
import type { Pattern, PatternBeginning } from '../engine/patterns/pattern.ts'
import { type Features, FORGET_AFTER_MS, type ProfileSpec, profileSpec, type Seen } from '../engine/rules/profile.ts'
import type { Action, AnyRule, Case, Finding, Lists, SequenceRule } from '../engine/rules/rule.ts'
import type { RuleSetSpec } from '../engine/rules/rule-machine.ts'
import { checkSequence } from '../engine/rules/sequence-pattern.ts'
import { MillraceError } from '../errors.ts'
import { type DurationMs, isDuration, ms } from '../time.ts'
import { checkFunction, checkName, checkOptions, checkVersion } from './check.ts'
import { checkRules } from './check-rules.ts'
import { checkRule, parserOf, ruleParser, sequenceParser } from './rule-parameters.ts'

type AnySequence = SequenceRule<unknown, unknown, unknown>

interface RuleOptions<Parameters> {
  /** What operators may change without a deploy. Any synchronous Standard Schema. */
  readonly parameters: StandardSchemaV1<unknown, Parameters>
  /** In force until settings say otherwise. */
  readonly initial: Parameters
  /** Of the rule's code; its alerts name it. A sequence starts afresh with another one. Default 1. */
  readonly version?: number
  /** What the alert suggests. Default 'review'. */
  readonly action?: Action
  /**
   * After an alert the rule says nothing of the key for so long. Alerts in shadow have a quiet time of their own, which holds
   * no live one back. Default: every event that fits makes an alert.
   */
  readonly quietFor?: DurationMs
}

/** Rules over one profile, for `.keyBy(…).rules(…)`. `T`: the events they look at. */
export interface RuleSet<T> extends RuleSetSpec {
  /** Type only. */
  readonly __event?: (event: T) => void
}

/** What is known of a key, and what makes rules of it. */
export interface Profile<T, F> {
  /**
   * A rule on one event and what is known of its key: it finds something, or it does not.
   * @throws MillraceError `NAME_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`, `SETTINGS_INVALID`
   */
  rule<Parameters>(
    name: string,
    options: RuleOptions<Parameters> & { readonly when: (at: Case<T, Seen<F>, Parameters>) => Finding },
  ): AnyRule
  /**
   * A rule on a sequence of events of the key: every match makes an alert. `sees` makes what the pattern is shown of an
   * event, in the turn of that event: the place to add what is known of the key then. It comes before `pattern`, and is
   * kept with each event that the pattern takes, as JSON. Default: the event.
   * @throws MillraceError as {@link Profile.rule}, and `PATTERN_INVALID`
   */
  sequence<Parameters, Steps, Event = T>(
    name: string,
    options: RuleOptions<Parameters> & {
      readonly sees?: (at: Case<T, Seen<F>, Parameters>) => Event
      readonly pattern: (start: PatternBeginning<Event>, parameters: Parameters, lists: Lists) => Pattern<Event, Steps>
      readonly explain: (match: Match<Steps>, parameters: Parameters, lists: Lists) => Finding
    },
  ): AnyRule
  /**
   * Rules that look at each event in one pass, in the order of the list. `order`: `{ grace }` looks at events by event
   * time, each when stream time is more than `grace` ahead of it, later ones are late; 'arrival' looks at them at once.
   * @throws MillraceError `DUPLICATE`, `OPTION_INVALID`, `DURATION_INVALID`
   */
  set(rules: readonly AnyRule[], order: 'arrival' | { readonly grace: DurationMs }): RuleSet<T>
}

/**
 * Starts a profile of the keys of a stream of `T`: features that rules read, kept for all rules together.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`
 * @example const card = profile<Payment>()({ lately: recent({ upTo: hours(1) }, { count: count() }) })
 */
export const profile =
  <T>() =>
  <const F extends Features<T>>(features: F, options: { readonly forgetAfter?: DurationMs } = {}): Profile<T, F> => {
    checkOptions('profile()', options, ['forgetAfter'])
    return profileOf<T, F>(profileSpec(features as Features<never>, options.forgetAfter ?? FORGET_AFTER_MS))
  }

function profileOf<T, F>(spec: ProfileSpec): Profile<T, F> {
  const made = new WeakSet<AnyRule>()
  const own = (rule: AnyRule): AnyRule => {
    made.add(rule)
    return rule
  }
  return Object.freeze({
    rule(name, options) {
      const common = commonOf(`rule(${JSON.stringify(name)})`, name, options, ['when'])
      const rule = { ...common, kind: 'rule', when: options.when } as unknown as AnyRule
      checkRule(rule, spec, rule.initial)
      return own({ ...rule, parse: ruleParser(rule, spec) })
    },
    sequence(name, options) {
      const where = `sequence(${JSON.stringify(name)})`
      const functions = 'sees' in options ? ['sees', 'pattern', 'explain'] : ['pattern', 'explain']
      const common = commonOf(where, name, options, functions)
      const { pattern: describe, explain, sees } = options
      const rule = { ...common, kind: 'sequence', pattern: describe, explain, sees } as unknown as AnySequence
      // The machine makes the pattern again for other parameters: what is wrong is to be found here, and in settings.
      checkSequence(rule, rule.initial)
      checkRule(rule, spec, rule.initial)
      const parse = ruleParser(rule, spec)
      return own({ ...rule, parse: sequenceParser({ ...rule, parse }) })
    },
    set(rules, order) {
      checkRules(rules, made)
      if (order === 'arrival') return { profile: spec, rules, graceMs: undefined }
      if (!isDuration(order?.grace))
        throw new MillraceError('DURATION_INVALID', { where: 'set()', option: 'grace', given: order?.grace, min: 0 })
      return { profile: spec, rules, graceMs: order.grace }
    },
  } satisfies Profile<T, F>)
}

function commonOf<Parameters>(
  where: string,
  name: string,
  options: RuleOptions<Parameters>,
  functions: readonly string[],
) {
  checkName('rule', name, 100)
  checkOptions(where, options, ['version', 'parameters', 'initial', 'action', 'quietFor', ...functions])
  for (const option of functions) checkFunction(where, option, (options as unknown as Record<string, unknown>)[option])
  const { version = 1, action = 'review', quietFor = ms(0), parameters: schema } = options
  checkVersion(where, version)
  if (!isDuration(quietFor))
    throw new MillraceError('DURATION_INVALID', { where, option: 'quietFor', given: quietFor, min: 0 })
  if (!['review', 'block', 'step-up', 'allow'].includes(action))
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'action',
      given: action,
      must: "'review', 'block', 'step-up' or 'allow'",
    })
  if (typeof schema?.['~standard']?.validate !== 'function')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'parameters',
      given: typeof schema,
      must: 'a schema (any Standard Schema, such as z.object(…))',
    })
  const parse = parserOf(name, schema)
  return { name, version, action, quietForMs: quietFor, parse, initial: parse(options.initial) }
}
