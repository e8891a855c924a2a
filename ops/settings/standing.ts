import { MillraceError } from '../../shared/errors.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import { SETTINGS_VERSIONS_MAX, type SettingsRow, type SettingsVersion } from '../../shared/processor/settings.ts'
import { headOf, newestCommit } from '../journal/read.ts'
import type { Target } from '../target.ts'
import { topicRecords } from '../topic-records.ts'
import type { FoundSettings } from './find.ts'

/** The row that batches pin; undefined: there is none. */
export async function rowOf({ rows }: Target, { spec }: FoundSettings): Promise<SettingsRow | undefined> {
  const text = await rows.read(spec.table.physicalName, spec.name)
  return text === undefined ? undefined : (JSON.parse(text) as SettingsRow)
}

/**
 * Changes that are sent and not applied yet: offsets of their topic from `from` to before `to`, where the next one goes.
 * @throws MillraceError `USAGE` without the topic, `SOURCE_CHANGED` when it is not the one that was applied
 */
export async function waitingOf(
  { broker, journal }: Target,
  { spec, applying }: FoundSettings,
): Promise<{ from: number; to: number }> {
  const topic = applying.source.name
  if ((await broker.describe(topic)) === undefined)
    throw new MillraceError('USAGE', {
      problem: `There is no topic ${topic} here, so nobody has run ${spec.name} yet.`,
      fix: 'Check the place, or run it there first.',
    })
  const newest = await newestCommit(journal, journalName({ ...applying, partition: 0 }))
  const next = newest === undefined ? 0 : headOf(newest).offset + 1
  const [start] = await broker.startOffsets(topic)
  const [to] = await broker.endOffsets(topic)
  if (next > to!)
    throw new MillraceError('SOURCE_CHANGED', {
      scope: applying.id,
      problem: `offset ${next - 1} of the topic ${topic} is applied, but the topic ends at ${to}`,
    })
  return { from: Math.max(next, start!), to: to! }
}

/** Versions that can be gone back to, oldest first. */
export async function keptVersions({ broker }: Target, { spec, versions }: FoundSettings): Promise<SettingsVersion[]> {
  if ((await broker.describe(versions.name)) === undefined) return []
  const [start] = await broker.startOffsets(versions.name)
  const [end] = await broker.endOffsets(versions.name)
  const kept = new Map<number, SettingsVersion>()
  for await (const { value } of topicRecords(broker, versions.name, 0, start!, end!)) {
    const each = versionIn(value)
    if (each?.name !== spec.name) continue
    kept.set(each.version, each)
    kept.delete(each.version - SETTINGS_VERSIONS_MAX)
  }
  return [...kept.values()].sort((a, b) => a.version - b.version)
}

function versionIn(value: Uint8Array | null): SettingsVersion | undefined {
  try {
    const given = JSON.parse(Buffer.from(value ?? []).toString()) as SettingsVersion | null
    return Number.isSafeInteger(given?.version) ? given! : undefined
  } catch {
    return undefined
  }
}
