import { crc32 } from 'node:zlib'
import { addCounts } from '../engine/counts.ts'
import { MillraceError } from '../errors.ts'
import type { Attempt } from '../journal/commit.ts'
import { journalDefaults } from '../journal/journal.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import { type Decode, unread } from './decode.ts'
import type { KafkaEventRecord, PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'

/** Commits are cut at about this many bytes before compression, so that they seldom turn out too large for an item. */
const COMMIT_BYTES_AIM = 1_500_000
const CONFLICTS_MAX = 20
const RECORDS_BETWEEN_CLOCK_LOOKS = 64

/**
 * Takes the records of one partition into state: fold, commit, publish, and again until all are done.
 *
 * @throws MillraceError `DEADLINE` (what is done stays done), `JOURNAL_CONFLICT`, `SOURCE_CHANGED`, and what the journal and sinks throw
 */
export async function foldPartition(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  decode: Decode,
  partition: number,
  records: readonly KafkaEventRecord[],
  deadline: Deadline,
): Promise<PartitionReport> {
  owners.turns.begin()
  try {
    const owner = await owners.take(partition, records[0]!.offset)
    const before = { ...owner.counts }
    checkSource(owner, records)
    noteGap(stage, ports, owner, records[0]!)
    await foldAll(stage, ports, owners, owner, decode, records, deadline).catch((error: unknown) => {
      owners.drop(owner)
      throw error
    })
    owners.keep(owner)
    return reportOf(owner, before)
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
  const caution = await beCautious(stage, ports, owners, owner, records)
  let conflicts = 0
  let bytesAim = caution === 'one by one' ? 1 : COMMIT_BYTES_AIM
  let done = 0
  while (done < records.length) {
    const stopped = deadline.reached
    const next = stopped ? done : foldSome(owner, decode, records, done, bytesAim, deadline)
    if (!owner.fold.hasChanged) done = next
    else {
      const attempted = owner.fold.bytes
      const outcome = await owner.commit('batch', checksumAt(records, owner.fold.position.offset))
      if (outcome === 'written') {
        done = next
        if (caution === undefined) bytesAim = Math.max(bytesAim, Math.min(COMMIT_BYTES_AIM, bytesAim * 2))
      } else if (outcome === 'too-large') {
        if (bytesAim === 1)
          throw new MillraceError('JOURNAL_ITEM_TOO_LARGE', { bytes: attempted, max: journalDefaults.commitBytesMax })
        bytesAim = Math.max(1, Math.floor(Math.min(attempted, bytesAim) / 2))
      } else {
        await takeInOthers(owner, ++conflicts)
        done = firstUnapplied(records, owner.fold.position.offset)
      }
    }
    if (stopped && done < records.length) throw deadline.error(done, records.length)
  }
}

/** Another owner was faster: what it did comes first. */
async function takeInOthers(owner: Owner, conflicts: number): Promise<void> {
  if (conflicts > CONFLICTS_MAX) throw new MillraceError('JOURNAL_CONFLICT', { scope: owner.name, attempts: conflicts })
  await owner.readForward()
  await owner.publishLast()
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
  }
}

/** Folds records from index `from` on until the commit is full. @returns the index of the first record that is not in it */
function foldSome(
  owner: Owner,
  decode: Decode,
  records: readonly KafkaEventRecord[],
  from: number,
  bytesAim: number,
  deadline: Deadline,
): number {
  const { fold } = owner
  for (let i = from; i < records.length; i++) {
    if (fold.bytes >= bytesAim) return i
    if (i % RECORDS_BETWEEN_CLOCK_LOOKS === 0 && deadline.reached) return i
    const record = records[i]!
    if (record.offset <= fold.position.offset) continue
    if (!fold.take(decode(record), bytesAim)) return i
  }
  return records.length
}

function firstUnapplied(records: readonly KafkaEventRecord[], offset: number): number {
  const index = records.findIndex((record) => record.offset > offset)
  return index === -1 ? records.length : index
}

/** For the commit's note of the record applied last; nothing when it came with an earlier batch. */
function checksumAt(records: readonly KafkaEventRecord[], offset: number): { lastRecord?: string } {
  const last = records.findLast((record) => record.offset === offset)
  return last === undefined ? {} : { lastRecord: checksum(last) }
}

const checksum = (record: KafkaEventRecord): string => `${record.timestamp}:${crc32(record.value ?? '')}`

/** The record at the offset applied last must be the one that was applied. */
function checkSource(owner: Owner, records: readonly KafkaEventRecord[]): void {
  const { head } = owner
  if (head === undefined || head.lastRecord === '') return
  const again = records.find((record) => record.offset === head.offset)
  if (again !== undefined && checksum(again) !== head.lastRecord)
    throw new MillraceError('SOURCE_CHANGED', {
      scope: owner.name,
      problem: `another record stands at offset ${head.offset}, the topic seems to have been made anew`,
    })
}

function noteGap(stage: Stage, ports: Ports, owner: Owner, first: KafkaEventRecord): void {
  const expected = owner.fold.position.offset + 1
  if (expected > 0 && first.offset > expected && !stage.source.compacted)
    ports.log('error', {
      what: 'offset gap',
      stage: stage.id,
      partition: owner.partition,
      expected,
      got: first.offset,
      metrics: { OffsetGap: first.offset - expected },
    })
}

/** A record is parked unread after this many noted attempts on it alone that were not survived. */
const ATTEMPTS_MAX = 2

/**
 * A record that kills the function (time-out, memory) would block its partition for ever. When nothing has succeeded for
 * two time-outs although records waited, the attempt is noted first; who finds such a note goes on record by record, with
 * a note on the first alone, and parks it when that was not survived either. Partitions with a note go one by one, after
 * the others: none is blamed for what another one did.
 */
async function beCautious(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  owner: Owner,
  records: readonly KafkaEventRecord[],
): Promise<'one by one' | undefined> {
  let alone = false
  for (let conflicts = 0; ; ) {
    const first = records.find((record) => record.offset > owner.fold.position.offset)
    if (first === undefined) return undefined
    const noted = owner.head?.attempting?.first === first.offset
    const next = nextAttempt(stage, ports, owner, first.offset, records, owners.survived(owner))
    if (next === undefined) return undefined
    if (!alone) {
      alone = true
      await owners.turns.alone()
    }
    const outcome =
      next === 'park' ? await park(stage, owner, first) : await owner.commit('batch', { attempting: next })
    if (outcome !== 'written') await takeInOthers(owner, ++conflicts)
    else if (next !== 'park') return noted && next.first === next.last ? 'one by one' : undefined
    else
      ports.log('error', {
        what: 'record killed the function',
        stage: stage.id,
        partition: owner.partition,
        offset: first.offset,
      })
  }
}

/** What to note before the records from offset `first` on are tried; undefined: nothing. */
function nextAttempt(
  stage: Stage,
  ports: Ports,
  { head }: Owner,
  first: number,
  records: readonly KafkaEventRecord[],
  survived: number | undefined,
): Attempt | 'park' | undefined {
  const note = head?.attempting
  if (note?.first !== first) {
    const longAgoMs = ports.clock.nowMs() - 2 * stage.deployment.timeoutMs
    const waitsLong = records.some(({ offset, timestamp }) => offset === first && timestamp <= longAgoMs)
    if (head === undefined || head.atMs > longAgoMs || !waitsLong) return undefined
    return { first, last: records[records.length - 1]!.offset, attempts: 1 }
  }
  // Something else has failed then, such as the database.
  if (survived === first) return note
  const alone = note.last === first
  if (alone && note.attempts >= ATTEMPTS_MAX) return 'park'
  return { first, last: first, attempts: alone ? note.attempts + 1 : 1 }
}

function park(stage: Stage, owner: Owner, record: KafkaEventRecord): ReturnType<Owner['commit']> {
  owner.fold.take(unread(stage, record, 'KILLED_FUNCTION'), COMMIT_BYTES_AIM)
  return owner.commit('batch', { lastRecord: checksum(record) })
}
