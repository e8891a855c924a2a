import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { CellName } from '../engine/cell-name.ts'
import type { AnyRule } from '../engine/rules/rule.ts'
import type { RuleSetSpec } from '../engine/rules/rule-machine.ts'
import { checkSettings, type RuleSettings } from '../engine/rules/rule-settings.ts'
import { MillraceError } from '../errors.ts'
import { days } from '../time.ts'
import { checkName } from './check.ts'
import type { Processor } from './outputs.ts'
import type { Process } from './process.ts'
import { processor } from './processor.ts'
import { type Table, table } from './table.ts'
import { type Topic, topic } from './topic.ts'

/** What operators send: a new document, or the number of a version to go back to. */
export type SettingsChange =
  | { readonly name: string; readonly document: RuleSettings; readonly note?: string | undefined }
  | { readonly name: string; readonly rollBackTo: number; readonly note?: string | undefined }

/** A version of the settings, as the topic of versions keeps it for ever. */
export interface SettingsVersion {
  readonly name: string
  /** 1 for the first change, then one more each time; going back makes a new version of an old document. */
  readonly version: number
  readonly document: RuleSettings
  /** The version whose document this is again; null for a new document. */
  readonly rolledBackTo: number | null
  readonly note: string
  /** Event time of the change, epoch ms. */
  readonly timeMs: number
}

/** The row that batches pin. */
export type SettingsRow = SettingsVersion

/** Settings that processors pin, and the processor that applies changes of them. */
export interface Settings {
  readonly name: string
  /** Where changes go: a compacted topic of one partition, called like the settings. */
  readonly changes: Topic<SettingsChange, SettingsChange, string>
  /** Every version there was: `NAME-versions`, compacted, one record each. */
  readonly versions: Topic<SettingsVersion, SettingsVersion, string>
  /** The version in force, one row. */
  readonly table: Table<SettingsRow>
  /** To be put into the list of processors. */
  readonly processor: Processor
  /** All that they are for, in the order of the declaration. */
  readonly rules: readonly AnyRule[]
  /** @throws MillraceError `SETTINGS_INVALID`, which names the place */
  check(document: unknown): void
}

/** Versions that can be gone back to: the newest so many. */
export const SETTINGS_VERSIONS_MAX = 1_000

/**
 * Settings of rule sets: parameters, on and off, shadow, and lists, as versioned data. A change is checked against the
 * rules' schemas before it becomes a version; one that does not fit is parked, and nothing changes. Every batch pins the
 * version that it read (at most ten seconds old), its commits record it, and alerts name it.
 *
 * @throws MillraceError `NAME_INVALID`, `DUPLICATE`
 * @example export const fraudSettings = ruleSettings('fraud-settings', [cardRules, deviceRules])
 */
export function ruleSettings(name: string, sets: readonly Pick<RuleSetSpec, 'rules'>[]): Settings {
  checkName('settings', name, 90)
  const rules = sets.flatMap((set) => set.rules)
  refuseSameNames(rules)
  const check = (document: unknown) => checkSettings(rules, document)
  const changes = topic(name, { schema: changeSchema, key: (change) => change.name, partitions: 1, compacted: true })
  const versions = topic(`${name}-versions`, {
    schema: versionSchema,
    key: (each) => `${each.name}@${each.version}`,
    partitions: 1,
    compacted: true,
    retention: days(7),
  })
  const current = table<SettingsRow>(name)
  const applying = processor(name).from(changes).keyBy().process(settingsProcess(name, check)).to(current).to(versions)
  return Object.freeze({ name, changes, versions, table: current, processor: applying, rules, check })
}

function refuseSameNames(rules: readonly AnyRule[]): void {
  const names = rules.map((rule) => rule.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new MillraceError('DUPLICATE', { what: 'rules', name: twice })
}

/** What is kept of settings under their name: the number of the newest version, and the document of each. */
export const settingsCells = {
  newest: ['newest'],
  version: (version: number): CellName => ['version', version],
} satisfies Record<string, CellName | ((version: number) => CellName)>

/** Numbers the changes of one key, keeps their documents, and goes back when told to. */
function settingsProcess(
  name: string,
  check: (document: unknown) => void,
): Process<SettingsChange, SettingsVersion, string> {
  return {
    version: 'settings-1',
    onRecord(c, { value: change, timeMs }) {
      if (c.key !== name)
        throw new MillraceError('SETTINGS_INVALID', {
          at: 'name',
          problem: `these settings are called ${JSON.stringify(name)}`,
        })
      const version = ((c.cells.get(settingsCells.newest) as number | undefined) ?? 0) + 1
      const rolledBackTo = 'rollBackTo' in change ? change.rollBackTo : null
      const document = 'rollBackTo' in change ? c.cells.get(settingsCells.version(change.rollBackTo)) : change.document
      if (document === undefined)
        throw new MillraceError('SETTINGS_INVALID', {
          at: 'rollBackTo',
          problem: `there is no version ${rolledBackTo}`,
        })
      // An old document may not fit the rules of today.
      check(document)
      c.cells.put(settingsCells.version(version), document)
      c.cells.put(settingsCells.newest, version)
      c.cells.delete(settingsCells.version(version - SETTINGS_VERSIONS_MAX))
      const row = { name, version, document: document as RuleSettings, rolledBackTo, note: change.note ?? '', timeMs }
      c.emit(row, timeMs)
    },
  }
}

const changeSchema = schemaOf<SettingsChange>((given) => {
  if (typeof given.name !== 'string') return 'name'
  if (given.note !== undefined && (typeof given.note !== 'string' || given.note.length > 1_000)) return 'note'
  if ('rollBackTo' in given === 'document' in given) return 'document'
  if ('rollBackTo' in given) return Number.isSafeInteger(given.rollBackTo) ? undefined : 'rollBackTo'
  return typeof given.document === 'object' && given.document !== null ? undefined : 'document'
})

const versionSchema = schemaOf<SettingsVersion>((given) =>
  typeof given.name === 'string' && Number.isSafeInteger(given.version) ? undefined : 'version',
)

/** A schema of objects from a function that names the field that is wrong. */
function schemaOf<T>(
  wrongField: (given: Readonly<Record<string, unknown>>) => string | undefined,
): StandardSchemaV1<T, T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'millrace',
      validate(value) {
        if (typeof value !== 'object' || value === null) return { issues: [{ message: 'not an object' }] }
        const field = wrongField(value as Readonly<Record<string, unknown>>)
        return field === undefined
          ? { value: value as T }
          : { issues: [{ message: 'missing or wrong', path: [field] }] }
      },
    },
  }
}
