import type { Plan } from '../../shared/processor/plan-types.ts'
import type { SettingsVersion } from '../../shared/processor/settings.ts'
import { printable, printableJson } from '../printable.ts'
import { type FoundSettings, settingsNamed } from '../settings/find.ts'
import { keptVersions, rowOf, waitingOf } from '../settings/standing.ts'
import { tableText, timeText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

const SHOWN_CHARACTERS_MAX = 8_192

/**
 * The version in force with its document, the newest `last` versions that can be gone back to, and what is on the way.
 * @throws MillraceError `PROCESSORS_UNKNOWN`, `USAGE` for a processor without settings
 */
export async function settingsShow(target: Target, plan: Plan, name: string, last: number): Promise<Outcome> {
  const found = settingsNamed(plan, name)
  const { from, to } = await waitingOf(target, found)
  const row = await rowOf(target, found)
  const kept = await keptVersions(target, found)
  const refused = row && refusalOf(found, row)
  const newest = kept.at(-1)
  const text = [
    `settings   ${found.spec.name}, of ${found.readers.join(' and ')}`,
    `version    ${row === undefined ? 'none: all is as declared' : versionText(row)}`,
    ...(row?.note ? [`note       ${printable(row.note)}`] : []),
    ...(refused === undefined ? [] : [`refused    ${printable(refused)}`]),
    ...(newest !== undefined && newest.version > (row?.version ?? 0) ? [missingText(newest, row)] : []),
    ...(to > from ? [`waiting    changes that are sent and not applied yet: ${to - from}`] : []),
    ...(row === undefined ? [] : [documentText(row.document)]),
    keptText(kept, last),
  ].join('\n')
  const json = { settings: found.spec.name, processors: found.readers, inForce: row ?? null, kept, waiting: to - from }
  return { text, json: { ...json, refused: refused ?? null } }
}

/** Why the code at hand cannot use the document in force: its rules stand still with it. */
function refusalOf({ spec }: FoundSettings, { document }: SettingsVersion): string | undefined {
  try {
    spec.check(document)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const versionText = ({ version, timeMs, rolledBackTo }: SettingsVersion): string =>
  `${version}, sent at ${timeText(timeMs) ?? timeMs}${rolledBackTo === null ? '' : `: version ${rolledBackTo} again`}`

const missingText = ({ version }: SettingsVersion, row: SettingsVersion | undefined): string =>
  `missing    version ${version} is made, but the table has ${row === undefined ? 'no row' : `version ${row.version}`}: if it stays so, send a document again`

function documentText(document: unknown): string {
  const text = printableJson(document)
  const cut = text.length > SHOWN_CHARACTERS_MAX
  return cut ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}\n… --json has all` : text
}

function keptText(kept: readonly SettingsVersion[], last: number): string {
  if (kept.length === 0) return 'There is no version to go back to.'
  const rows = kept
    .slice(-last)
    .map(({ version, timeMs, rolledBackTo, note }) => [
      version,
      timeText(timeMs),
      rolledBackTo === null ? 'a document of its own' : `version ${rolledBackTo} again`,
      note,
    ])
  const table = tableText(['version', 'sent at', 'what', 'note'], rows)
  return kept.length > last ? `${table}\n${kept.length - last} older ones: --last N shows them.` : table
}
