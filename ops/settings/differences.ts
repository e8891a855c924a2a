import { isDeepStrictEqual } from 'node:util'
import type { RuleSettings } from '../../shared/engine/rules/rule-settings.ts'
import type { SettingsSpec } from '../../shared/processor/program.ts'

type Rule = SettingsSpec['rules'][number]

/** What two documents say otherwise. */
export type Difference =
  | {
      readonly rule: string
      /** `on`, `shadow`, `parameters.NAME`; `undeclared` for all that is said of a rule that is no more. */
      readonly what: string
      /** undefined: there is no such thing. */
      readonly before: unknown
      readonly after: unknown
    }
  /** Values, in the order of the documents. */
  | { readonly list: string; readonly added: readonly string[]; readonly removed: readonly string[] }

/**
 * What rules see otherwise under document `after`, which fits them, than under `before`; where a document does not say, it
 * is as declared. Rules in the order of the declaration, then lists by name. Empty: rules see no difference.
 */
export function differences(rules: readonly Rule[], before: RuleSettings, after: RuleSettings): Difference[] {
  const names = new Set(rules.map(({ name }) => name))
  const undeclared = Object.entries(before.rules ?? {}).filter(([name]) => !names.has(name))
  return [
    ...rules.flatMap((rule) => differencesOf(rule.name, seenBy(rule, before), seenBy(rule, after))),
    ...undeclared.map(([rule, entry]) => ({ rule, what: 'undeclared', before: entry, after: undefined })),
    ...listDifferences(before.lists ?? {}, after.lists ?? {}),
  ]
}

/** What a rule is told by a document, flat. */
function seenBy(rule: Rule, { rules = {} }: RuleSettings): ReadonlyMap<string, unknown> {
  const { on = true, shadow = false, parameters } = Object.hasOwn(rules, rule.name) ? rules[rule.name]! : {}
  const known = parameters === undefined ? rule.initial : parsed(rule, parameters)
  const isPlain = typeof known === 'object' && known !== null && !Array.isArray(known)
  const flat = isPlain ? Object.entries(known).map(([name, value]) => [`parameters.${name}`, value] as const) : []
  return new Map<string, unknown>([
    ['on', on],
    ['shadow', shadow],
    ...(isPlain ? flat : [['parameters', known] as const]),
  ])
}

/** A document of before a deploy may not fit the rules of today: then as it is written. */
function parsed(rule: Rule, parameters: unknown): unknown {
  try {
    return rule.parse(parameters)
  } catch {
    return parameters
  }
}

function differencesOf(
  rule: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((what) => !isDeepStrictEqual(before.get(what), after.get(what)))
    .map((what) => ({ rule, what, before: before.get(what), after: after.get(what) }))
}

type Lists = NonNullable<RuleSettings['lists']>

/** A list that is not there is empty; how often a value is on it, and where, makes no difference. */
function listDifferences(before: Lists, after: Lists): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const on = (lists: Lists, name: string) => new Set(Object.hasOwn(lists, name) ? lists[name] : [])
  return names.flatMap((list) => {
    const [was, becomes] = [on(before, list), on(after, list)]
    const added = [...becomes].filter((value) => !was.has(value))
    const removed = [...was].filter((value) => !becomes.has(value))
    return added.length + removed.length === 0 ? [] : [{ list, added, removed }]
  })
}
