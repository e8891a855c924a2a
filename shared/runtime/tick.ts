import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { END_OF_TIME_MS } from '../time.ts'
import { advance } from './advance.ts'
import type { Deadline } from './deadline.ts'
import { drainedLanes, idleLanes } from './idle-lanes.ts'
import type { PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { reportOf } from './stateful.ts'
import { readTickItem, type TickItem, type TickPartition, writeTickItem } from './tick-item.ts'

/**
 * Moves the time of silent partitions, so that windows close and patterns time out without records; publishes what a
 * dead invocation left unpublished. Never while records wait: lag holds the time.
 *
 * @throws MillraceError `SOURCE_CHANGED` when the source topic was made anew or has grown
 */
export async function tick(stage: Stage, ports: Ports, owners: Owners, deadline: Deadline): Promise<PartitionReport[]> {
  const item = await readTickItem(ports.journal, stage)
  const source = await checkSource(stage, ports, item)
  const lanes = stage.upstream === undefined ? undefined : await drainedLanes(stage.upstream, ports, item)
  const ends = await ports.broker.endOffsets(stage.source.name)
  const nowMs = ports.clock.nowMs()
  const idle = idleLanes(lanes, stage.upstream?.source.partitions ?? 0, nowMs, stage.idleAfterMs)
  const partitions: Record<number, TickPartition> = {}
  const reports: PartitionReport[] = []
  for (let partition = 0; partition < stage.source.partitions; partition++) {
    const seen = look(item.partitions[partition], ends[partition] ?? 0, nowMs)
    const visit = isDue(stage, seen, nowMs, idle)
      ? await visitPartition(stage, ports, owners, partition, seen, nowMs, idle, deadline)
      : undefined
    partitions[partition] = visit?.seen ?? seen
    if (visit?.report !== undefined) reports.push(visit.report)
  }
  const next: TickItem = { version: item.version, source, partitions, ...(lanes !== undefined && { lanes }) }
  if (JSON.stringify(next) !== JSON.stringify(item)) await writeTickItem(ports.journal, stage, next)
  return reports
}

/** Closes everything that is open, whatever its time: for the end of a finite input. */
export async function closeWindows(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  deadline: Deadline,
): Promise<PartitionReport[]> {
  const reports: PartitionReport[] = []
  for (let partition = 0; partition < stage.source.partitions; partition++) {
    for (let attempt = 1; ; attempt++) {
      const owner = await owners.take(partition, undefined)
      const before = { ...owner.counts }
      if ((await advance(owner, 'close-windows', END_OF_TIME_MS, deadline)) === 'done') {
        owners.keep(owner)
        reports.push(reportOf(owner, before))
        break
      }
      if (attempt === 10) throw new MillraceError('JOURNAL_CONFLICT', { scope: owner.name, attempts: attempt })
    }
  }
  return reports
}

/** The source must be the one that the state came from, with the partitions that were declared. */
async function checkSource(stage: Stage, ports: Ports, item: TickItem): Promise<{ id: string; partitions: number }> {
  const found = await ports.broker.describe(stage.source.name)
  const problem =
    found === undefined
      ? `the topic ${stage.source.name} does not exist`
      : found.partitions !== stage.source.partitions
        ? `the topic ${stage.source.name} has ${found.partitions} partitions, declared are ${stage.source.partitions}`
        : item.source !== undefined && item.source.id !== found.id
          ? `the topic ${stage.source.name} was made anew`
          : undefined
  if (problem !== undefined) {
    ports.log('error', { what: 'source changed', stage: stage.id, problem, metrics: { SourceChanged: 1 } })
    throw new MillraceError('SOURCE_CHANGED', { scope: stage.id, problem })
  }
  return { id: found!.id, partitions: found!.partitions }
}

/** What was known of a partition, unless its end has moved: then silence starts anew. */
function look(known: TickPartition | undefined, end: number, nowMs: number): TickPartition {
  if (known !== undefined && known.end === end) return known
  return {
    end,
    sinceMs: nowMs,
    settled: false,
    publishedSeq: known?.publishedSeq ?? 0,
    ...(known?.idleLanes !== undefined && { idleLanes: known.idleLanes }),
  }
}

function isDue(stage: Stage, seen: TickPartition, nowMs: number, idle: Idle): boolean {
  if (seen.settled) return false
  if (idle !== undefined && idle.lanes.length > 0 && seen.idleLanes !== idle.name) return true
  const silenceMs = nowMs - seen.sinceMs
  if (silenceMs < stage.idleAfterMs) return false
  if (seen.baseMs === undefined || seen.nextTimerMs === undefined) return true
  return seen.baseMs + silenceMs - stage.idleAfterMs >= seen.nextTimerMs
}

type Idle = ReturnType<typeof idleLanes>

async function visitPartition(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  partition: number,
  seen: TickPartition,
  nowMs: number,
  idle: Idle,
  deadline: Deadline,
): Promise<{ seen: TickPartition; report?: PartitionReport } | undefined> {
  const owner = await owners.take(partition, undefined)
  const before = { ...owner.counts }
  if (!(await isCaughtUp(stage, ports, owner, seen.end))) {
    owners.keep(owner)
    return undefined
  }
  const baseMs = seen.baseMs ?? owner.fold.position.streamTimeMs
  const timeMs = timeToReach(stage, owner, seen, baseMs, nowMs, idle)
  if ((await advance(owner, 'tick', timeMs, deadline)) === 'lost') return undefined
  owners.keep(owner)
  const nextTimerMs = owner.fold.state.nextTimerMs()
  const silent = nowMs - seen.sinceMs >= stage.idleAfterMs
  return {
    seen: {
      end: seen.end,
      sinceMs: seen.sinceMs,
      ...(silent && { baseMs }),
      ...(nextTimerMs !== undefined && { nextTimerMs }),
      ...(idle !== undefined && { idleLanes: idle.name }),
      settled: nextTimerMs === undefined,
      publishedSeq: owner.seq,
    },
    report: reportOf(owner, before),
  }
}

/**
 * How far time may go: by as long as the partition has been silent, less `idleAfter`; never to "now".
 * Behind a re-key it is up to the source partitions upstream: idle ones no longer hold it, and only when all of them are
 * idle does silence count.
 */
function timeToReach(
  stage: Stage,
  owner: Owner,
  seen: TickPartition,
  baseMs: number,
  nowMs: number,
  idle: Idle,
): number {
  const silenceMs = nowMs - seen.sinceMs
  const bySilence = silenceMs >= stage.idleAfterMs && baseMs >= 0 ? baseMs + silenceMs - stage.idleAfterMs : -1
  if (idle === undefined) return bySilence
  const byLanes = owner.fold.markIdle(idle.lanes)
  return idle.all ? Math.max(byLanes, bySilence) : byLanes
}

/** Nothing waits between the last applied record and the end; markers of transactions and compaction leave gaps there. */
async function isCaughtUp(stage: Stage, ports: Ports, owner: Owner, end: number): Promise<boolean> {
  const next = owner.fold.position.offset + 1
  if (next >= end) return true
  const waiting = await ports.broker.fetch(stage.source.name, owner.partition, next, { maxRecords: 1, maxBytes: 1 })
  const caughtUp = waiting.length === 0 || waiting[0]!.offset >= end
  ports.log(caughtUp ? 'debug' : 'info', {
    what: 'tick holds',
    stage: stage.id,
    partition: owner.partition,
    behind: caughtUp ? 0 : end - next,
    metrics: { TickHold: caughtUp ? 0 : 1 },
  })
  return caughtUp
}
