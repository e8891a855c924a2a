import { MillraceError } from '../../errors.ts'
import type { PinnedSettings } from '../machine.ts'
import type { AnyRule, Lists } from './rule.ts'

/** What operators change without a deploy: one document for a set of rules. Whatever it does not name is as declared. */
export interface RuleSettings {
  readonly rules?: {
    readonly [rule: string]: {
      /** Default true. */
      readonly on?: boolean
      /** Alerts are marked, for an output of their own. Default false. */
      readonly shadow?: boolean
      /** In place of the declared ones; checked against the rule's schema. */
      readonly parameters?: unknown
    }
  }
  /** Names to values: allow, block and review lists, which any rule may ask. */
  readonly lists?: { readonly [list: string]: readonly string[] }
}

/** A rule with the settings at hand. */
export interface SetRule extends Lists {
  readonly rule: AnyRule
  readonly shadow: boolean
  readonly parameters: unknown
}

/** Settings as the machine uses them. */
export interface ResolvedSettings {
  readonly version: number
  /** Those that are on, in the order of the declaration. */
  readonly rules: readonly SetRule[]
}

/** Values of all lists together: a settings record must fit a Kafka message and a DynamoDB item. */
export const LISTED_VALUES_MAX = 20_000

/**
 * Checks a settings document against all rules that it is for: a name that none of them has is a mistake.
 * @throws MillraceError `SETTINGS_INVALID`, which names the place
 */
export function checkSettings(rules: readonly AnyRule[], document: unknown): void {
  const given = objectAt('the document', document, ['rules', 'lists'])
  objectAt(
    'rules',
    given.rules ?? {},
    rules.map(({ name }) => name),
  )
  resolveSettings(rules, { version: 0, value: document })
}

/**
 * What a document says of these rules; what it says of others is theirs.
 * @throws MillraceError `SETTINGS_INVALID`, which names the place
 */
export function resolveSettings(rules: readonly AnyRule[], pinned: PinnedSettings | undefined): ResolvedSettings {
  const given = objectAt('the document', pinned?.value ?? {}, ['rules', 'lists'])
  const entries = objectAt('rules', given.rules ?? {}, undefined)
  const lists = listsOf(given.lists)
  const listed = (list: string, value: string): boolean => lists.get(list)?.has(value) ?? false
  const entryOf = (name: string): unknown => (Object.hasOwn(entries, name) ? entries[name] : undefined)
  return {
    version: pinned?.version ?? 0,
    rules: rules.flatMap((rule) => setRule(rule, entryOf(rule.name), { listed })),
  }
}

function setRule(rule: AnyRule, given: unknown, { listed }: Lists): SetRule[] {
  const at = `rules.${rule.name}`
  const entry = objectAt(at, given ?? {}, ['on', 'shadow', 'parameters'])
  const on = flag(`${at}.on`, entry.on, true)
  const shadow = flag(`${at}.shadow`, entry.shadow, false)
  const parameters = entry.parameters === undefined ? rule.initial : rule.parse(entry.parameters)
  return on ? [{ rule, shadow, parameters, listed }] : []
}

function listsOf(given: unknown): Map<string, ReadonlySet<string>> {
  const lists = new Map<string, ReadonlySet<string>>()
  let values = 0
  for (const [name, list] of Object.entries(objectAt('lists', given ?? {}, undefined))) {
    if (!Array.isArray(list) || list.some((value) => typeof value !== 'string'))
      throw invalid(`lists.${name}`, 'it must be a list of texts')
    values += list.length
    lists.set(name, new Set(list as string[]))
  }
  if (values > LISTED_VALUES_MAX)
    throw invalid('lists', `together they hold ${values} values, above ${LISTED_VALUES_MAX}`)
  return lists
}

function objectAt(at: string, given: unknown, known: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalid(at, 'it must be an object')
  const unknown = known && Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(at, `it has no ${JSON.stringify(unknown)}; it knows ${known!.join(', ')}`)
  return given as Record<string, unknown>
}

function flag(at: string, given: unknown, otherwise: boolean): boolean {
  if (given === undefined) return otherwise
  if (typeof given !== 'boolean') throw invalid(at, 'it must be true or false')
  return given
}

export const invalid = (at: string, problem: string): MillraceError =>
  new MillraceError('SETTINGS_INVALID', { at, problem })
