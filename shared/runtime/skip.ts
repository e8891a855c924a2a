import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { CommitAim } from './commit-aim.ts'
import type { Deadline } from './deadline.ts'
import { unread } from './decode.ts'
import { eventRecord } from './event-record.ts'
import type { ControlEvent, KafkaEventRecord, PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { checksumAt } from './source-check.ts'
import { reportOf } from './stateful.ts'

const FETCH = { maxRecords: 10_000, maxBytes: 8_000_000 }

/**
 * Goes on behind offset `to` (exclusive): what a partition has not read up to there is parked without being read, through
 * the journal, so that nothing of it is lost and it can be redriven. The mapping hands those records over all the same;
 * they are then known.
 *
 * @throws MillraceError `USAGE` for a stage without state, which keeps no place of its own, `DEADLINE`, and what broker, journal and sinks throw
 */
export async function skip(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  { partition, to }: Extract<ControlEvent, { millrace: 'skip' }>,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<void> {
  if (!stage.stateful || !Number.isSafeInteger(to))
    throw new MillraceError('USAGE', {
      problem: `${stage.id} cannot be told to skip to ${to}.`,
      fix: 'Skip partitions of stages with state, to a whole offset: a stage without state parks what it cannot use and never stands still.',
    })
  const owner = await owners.take(partition, undefined)
  const before = { ...owner.counts }
  const aim = new CommitAim()
  let conflicts = 0
  for (;;) {
    const records = await unreadRecords(stage, ports, owner, to)
    if (records.length === 0) break
    if (deadline.reached) throw deadline.error(0, records.length)
    for (const record of records)
      if (owner.fold.bytes >= aim.bytes || !owner.fold.take(unread(stage, record, 'SKIPPED'), aim.bytes)) break
    const attempted = owner.fold.bytes
    const outcome = await owner.commit('skip', checksumAt(records, owner.fold.position.offset))
    if (outcome === 'too-large') aim.shrink(attempted)
    else if (outcome === 'refused') await owner.takeInOthers(++conflicts)
  }
  owners.keep(owner)
  reports.push(reportOf(owner, before))
}

async function unreadRecords(stage: Stage, ports: Ports, owner: Owner, to: number): Promise<KafkaEventRecord[]> {
  const topic = stage.source.name
  const [starts, ends] = await Promise.all([ports.broker.startOffsets(topic), ports.broker.endOffsets(topic)])
  const from = Math.max(owner.fold.position.offset + 1, starts[owner.partition] ?? 0)
  if (from >= Math.min(to, ends[owner.partition] ?? 0)) return []
  const fetched = await ports.broker.fetch(topic, owner.partition, from, FETCH)
  return fetched.filter(({ offset }) => offset < to).map(eventRecord)
}
