import { addCounts } from '../engine/counts.ts'
import { isMillraceError, type MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { beCautious } from './caution.ts'
import { CommitAim } from './commit-aim.ts'
import type { Deadline } from './deadline.ts'
import type { Decode } from './decode.ts'
import type { KafkaEventRecord, PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { checkSource, checkSourceIds, checksumAt, noteGap } from './source-check.ts'

const RECORDS_BETWEEN_CLOCK_LOOKS = 64

/**
 * Takes the records of one partition into state: fold, commit, publish, and again until all are done. Adds to `reports`
 * what is done, also when it fails.
 *
 * @throws MillraceError `DEADLINE`, `HOLES_FULL` and `KEY_QUEUE_FULL` (what is done stays done), `JOURNAL_CONFLICT`, `SOURCE_CHANGED`, and what the journal and sinks throw
 */
export async function foldPartition(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  decode: Decode,
  partition: number,
  records: readonly KafkaEventRecord[],
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<void> {
  owners.turns.begin()
  try {
    const owner = await owners.take(partition, records[0]!.offset)
    const before = { ...owner.counts }
    // A batch seldom reaches back to what is applied: it comes again, or the topic is another one.
    if (records[0]!.offset <= owner.fold.position.offset) await checkSourceIds(stage, ports)
    checkSource(owner, records)
    noteGap(stage, ports, owner, records[0]!)
    await foldAll(stage, ports, owners, owner, decode, records, deadline).catch((error: unknown) => {
      owners.drop(owner)
      if (isFull(error))
        ports.log('error', { what: 'no room to park', stage: stage.id, partition, metrics: { HolesFull: 1 } })
      // Only what is known to be committed.
      owner.fold.undo()
      reports.push(reportOf(owner, before))
      throw error
    })
    owners.keep(owner)
    reports.push(reportOf(owner, before))
  } finally {
    owners.turns.end()
  }
}

async function foldAll(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  owner: Owner,
  decode: Decode,
  records: readonly KafkaEventRecord[],
  deadline: Deadline,
): Promise<void> {
  const aim = new CommitAim()
  const caution = await beCautious(stage, ports, owners, owner, records, deadline)
  if (caution === 'one by one') aim.oneByOne()
  let conflicts = 0
  let done = 0
  while (done < records.length) {
    const stopped = deadline.reached
    const { next, full } = stopped ? { next: done } : foldSome(owner, decode, records, done, aim.bytes, deadline)
    if (!owner.fold.hasChanged) {
      done = next
      if (full !== undefined) throw full
    } else {
      const attempted = owner.fold.bytes
      const outcome = await owner.commit('batch', checksumAt(records, owner.fold.position.offset))
      if (outcome === 'written') {
        done = next
        if (full !== undefined) throw full
        if (caution === undefined) aim.grow()
      } else if (outcome === 'too-large') aim.shrink(attempted)
      else {
        await owner.takeInOthers(++conflicts)
        done = firstUnapplied(records, owner.fold.position.offset)
      }
    }
    if (stopped && done < records.length) throw deadline.error(done, records.length)
  }
}

export function reportOf(owner: Owner, before: Owner['counts']): PartitionReport {
  const { position, state } = owner.fold
  return {
    partition: owner.partition,
    counts: addCounts(position.counts, before, -1),
    totals: { ...position.counts },
    offset: position.offset,
    seq: owner.seq,
    commits: owner.commits,
    bucketWrites: owner.takeBucketWrites(),
    openTimers: state.openTimers,
    streamTimeMs: position.streamTimeMs,
    ...(owner.holdsKeys && { held: owner.fold.held }),
  }
}

/**
 * Folds records from index `from` on until the commit is full.
 * @returns the index of the first record that is not in it, and the error when no room is left to park that one
 */
function foldSome(
  owner: Owner,
  decode: Decode,
  records: readonly KafkaEventRecord[],
  from: number,
  bytesAim: number,
  deadline: Deadline,
): { next: number; full?: MillraceError } {
  const { fold } = owner
  let next = from
  try {
    for (; next < records.length; next++) {
      if (fold.bytes >= bytesAim) break
      if (next % RECORDS_BETWEEN_CLOCK_LOOKS === 0 && deadline.reached) break
      const record = records[next]!
      if (record.offset <= fold.position.offset) continue
      if (!fold.take(decode(record), bytesAim)) break
    }
    return { next }
  } catch (error) {
    // What was folded before it is committed first.
    if (isFull(error)) return { next, full: error }
    throw error
  }
}

const isFull = (error: unknown): error is MillraceError =>
  isMillraceError(error, 'HOLES_FULL') || isMillraceError(error, 'KEY_QUEUE_FULL')

function firstUnapplied(records: readonly KafkaEventRecord[], offset: number): number {
  const index = records.findIndex((record) => record.offset > offset)
  return index === -1 ? records.length : index
}
