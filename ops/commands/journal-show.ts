import { zstd } from '../../shared/journal/codec.ts'
import { type CommitHead, decodeCommit } from '../../shared/journal/commit.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import { itemBytes, type JournalItem } from '../../shared/journal/store.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { commitsBetween, headOf, newestCommit, oldestOf } from '../journal/read.ts'
import { tableText, timeText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

/** A commit as operators see it. */
export interface CommitShown
  extends Pick<CommitHead, 'seq' | 'kind' | 'offset' | 'streamTimeMs' | 'counts' | 'atMs' | 'settings'> {
  /** Pieces of state that it changed or deleted. */
  readonly cells: number
  readonly outputs: number
  /** Size of its item. */
  readonly bytes: number
}

/** The last commits of a partition that the ring holds, in order. */
export async function journalShow(target: Target, stage: Stage, partition: number, last: number): Promise<Outcome> {
  const name = journalName({ ...stage, partition })
  const newest = await newestCommit(target.journal, name)
  if (newest === undefined) return { text: `${stage.id} has no commit in partition ${partition} yet.`, json: [] }
  const { ring } = headOf(newest)
  const from = Math.max(oldestOf(newest.seq, ring), newest.seq - last + 1)
  const commits: CommitShown[] = []
  for await (const item of commitsBetween(target.journal, name, ring, from, newest.seq)) commits.push(shown(item))
  const hasSettings = commits.some(({ settings }) => settings !== undefined)
  const rows = commits.map(({ settings, seq, kind, offset, streamTimeMs, counts, cells, outputs, bytes, atMs }) => [
    seq,
    kind,
    offset,
    timeText(streamTimeMs),
    counts.read,
    counts.counted,
    counts.late,
    counts.parked,
    cells,
    outputs,
    bytes,
    timeText(atMs),
    ...(hasSettings ? [settings ?? '-'] : []),
  ])
  const head = ['seq', 'kind', 'offset', 'stream time', 'read', 'counted', 'late', 'parked']
  const text = tableText(
    [...head, 'cells', 'outputs', 'bytes', 'committed at', ...(hasSettings ? ['settings'] : [])],
    rows,
  )
  return { text: `${text}\nCounts are those since the partition's state began.`, json: commits }
}

function shown(item: JournalItem): CommitShown {
  const { seq, kind, offset, streamTimeMs, counts, outbox, atMs, settings } = headOf(item)
  const cells = decodeCommit(item, zstd).changes.length
  const shown = { seq, kind, offset, streamTimeMs, counts, cells, outputs: outbox, bytes: itemBytes(item), atMs }
  return { ...shown, ...(settings !== undefined && { settings }) }
}
