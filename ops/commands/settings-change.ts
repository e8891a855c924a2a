import { isDeepStrictEqual } from 'node:util'
import { MillraceError } from '../../shared/errors.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'
import { type Difference, differences } from '../settings/differences.ts'
import { type FoundSettings, settingsNamed } from '../settings/find.ts'
import { type Rehearsal, rehearse } from '../settings/rehearse.ts'
import { rowOf } from '../settings/standing.ts'
import { tableText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

export interface ChangeOptions {
  /** Kept with the version. */
  readonly note: string | undefined
  /** Without it the change is only shown. */
  readonly yes: boolean
  /** Event time of the change, epoch ms. */
  readonly nowMs: number
}

const VALUES_SHOWN = 10
const SHOWN_CHARACTERS_MAX = 100

/**
 * Sends a document, if the processor of the settings will take it, and says what changes.
 * @throws MillraceError what the processor would park it with; `USAGE` for the document in force; `PROCESSORS_UNKNOWN`
 */
export const settingsApply = (
  target: Target,
  plan: Plan,
  name: string,
  document: unknown,
  options: ChangeOptions,
): Promise<Outcome> => change(target, plan, name, { document }, options)

/**
 * Sends the change that makes a new version of an old document.
 * @throws MillraceError as {@link settingsApply}
 */
export const settingsRollback = (
  target: Target,
  plan: Plan,
  name: string,
  version: number,
  options: ChangeOptions,
): Promise<Outcome> => change(target, plan, name, { rollBackTo: version }, options)

async function change(
  target: Target,
  plan: Plan,
  processor: string,
  what: { readonly document: unknown } | { readonly rollBackTo: number },
  { note, yes, nowMs }: ChangeOptions,
): Promise<Outcome> {
  const found = settingsNamed(plan, processor)
  const { spec, applying } = found
  const value = JSON.stringify({ name: spec.name, ...(note !== undefined && { note }), ...what })
  const record: OutgoingRecord = { key: spec.name, value, headers: {}, timestampMs: nowMs }
  const rehearsal = await rehearse(target, found, record)
  await refuseTheSame(target, found, rehearsal)
  if (yes) await target.topics.append(applying.source.name, 0, [record])
  const { before, after, waiting } = rehearsal
  const changes = differences(spec.rules, before.document, after.document)
  const json = { settings: spec.name, before: before.version, version: after.version, changes, waiting, sent: yes }
  const title = `Version ${after.version} of ${spec.name}${'rollBackTo' in what ? `, version ${what.rollBackTo} again,` : ''}`
  return { text: textOf(title, found, rehearsal, changes, yes), json }
}

/** Unless the table lacks the row that the processor has made: then the same again puts one there. */
async function refuseTheSame(target: Target, found: FoundSettings, { made, before, after }: Rehearsal): Promise<void> {
  if (!isDeepStrictEqual(before.document, after.document)) return
  const isOnTheWay = before.version > made.version
  if (!isOnTheWay && ((await rowOf(target, found))?.version ?? 0) !== made.version) return
  const which = isOnTheWay ? 'which waits to be applied' : 'which is in force'
  throw new MillraceError('USAGE', {
    problem:
      before.version === 0
        ? `The rules of ${found.spec.name} are as declared, and the document says no more.`
        : `Version ${before.version} of ${found.spec.name}, ${which}, has this very document.`,
    fix: 'There is nothing to send.',
  })
}

function textOf(
  title: string,
  { spec: { name } }: FoundSettings,
  { waiting, before }: Rehearsal,
  changes: readonly Difference[],
  sent: boolean,
): string {
  const against = before.version === 0 ? 'what is declared' : `version ${before.version}`
  const behind = waiting === 0 ? '' : `, behind ${waiting} that wait to be applied`
  const end = sent
    ? `Sent: ${name} makes the version when it reads it (in files of a laptop run: when that runs again), and at most ten seconds later it is in force.`
    : 'Nothing is sent yet: do it with --yes.'
  const table =
    changes.length === 0
      ? 'Rules see no difference.'
      : tableText(['rule or list', 'what', 'was', 'becomes'], changes.flatMap(rowsOf))
  return [`${title} against ${against}${behind}:`, table, end].join('\n')
}

function rowsOf(difference: Difference): (string | undefined)[][] {
  if ('rule' in difference) {
    const { rule, what, before, after } = difference
    return [[rule, what, short(JSON.stringify(before)), short(JSON.stringify(after))]]
  }
  const { list, added, removed } = difference
  return [
    ...(removed.length === 0 ? [] : [[list, 'taken off', some(removed), undefined]]),
    ...(added.length === 0 ? [] : [[list, 'put on', undefined, some(added)]]),
  ]
}

function some(values: readonly string[]): string {
  const more = values.length > VALUES_SHOWN ? ` and ${values.length - VALUES_SHOWN} more` : ''
  return `${short(values.slice(0, VALUES_SHOWN).join(', '))}${more}`
}

/** `--json` has all. undefined: there is nothing. */
const short = (text: string | undefined): string | undefined =>
  text !== undefined && text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text
