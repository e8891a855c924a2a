import type { Stage } from '../processor/plan-types.ts'
import { advance } from './advance.ts'
import type { Deadline } from './deadline.ts'
import { stillIdle } from './idle-lanes.ts'
import type { PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { reportOf } from './stateful.ts'
import type { TickItem, TickPartition } from './tick-item.ts'

/** What is the same for all partitions that a tick visits. */
export interface Round {
  readonly stage: Stage
  readonly ports: Ports
  readonly owners: Owners
  readonly deadline: Deadline
  readonly nowMs: number
  readonly lanes: TickItem['lanes']
}

/**
 * Moves time by as long as the partition has been silent, less `idleAfter`; never to "now".
 * @param lastEnd where the partition ended at the last tick
 * @returns undefined when something is under way there: nothing was done
 */
export async function visitPartition(
  { stage, ports, owners, deadline, nowMs, lanes }: Round,
  partition: number,
  seen: TickPartition,
  lastEnd: number | undefined,
): Promise<{ seen: TickPartition; report: PartitionReport } | undefined> {
  const owner = await owners.take(partition, undefined)
  const before = { ...owner.counts }
  // A record that was taken since the end was read has ended the silence.
  const quiet = nowMs - seen.sinceMs >= stage.idleAfterMs && owner.fold.position.offset < seen.end
  // What idle source partitions upstream have written stood there at the last tick, when they were idle already: once that
  // is taken they are, whatever waits of others. In a busy stage something always waits.
  const lanesTaken = lanes !== undefined && lastEnd !== undefined && owner.fold.position.offset + 1 >= lastEnd
  const caughtUp = (quiet || lanes !== undefined) && (await isCaughtUp(stage, ports, owner, seen.end, lanesTaken))
  if (!caughtUp && !lanesTaken) {
    owners.keep(owner)
    return undefined
  }
  const idle = lanes === undefined ? undefined : await stillIdle(stage, ports, lanes, nowMs)
  // Behind a re-key it is up to the source partitions upstream: idle ones no longer hold time, and only when all of them
  // are idle does silence count.
  const silent = quiet && caughtUp && idle?.all !== false
  const byLanes = () => (idle === undefined ? owner.fold.position.streamTimeMs : owner.fold.markIdle(idle.lanes))
  const baseMs = seen.baseMs ?? byLanes()
  const bySilence = silent && baseMs >= 0 ? baseMs + nowMs - seen.sinceMs - stage.idleAfterMs : -1
  if ((await advance(owner, 'tick', () => Math.max(byLanes(), bySilence), deadline)) === 'lost') return undefined
  owners.keep(owner)
  const nextTimerMs = owner.fold.state.nextTimerMs()
  const watched = seen.watchUntilMs !== undefined && nowMs < seen.watchUntilMs
  // What waits may open timers although the end stands still from here on.
  const known = caughtUp && !watched
  return {
    seen: {
      end: seen.end,
      sinceMs: seen.sinceMs,
      ...(silent && { baseMs }),
      ...(nextTimerMs !== undefined && known && { nextTimerMs }),
      ...(watched && { watchUntilMs: seen.watchUntilMs }),
      ...(idle !== undefined && { idleLanes: idle.name }),
      settled: nextTimerMs === undefined && known,
      publishedSeq: owner.seq,
    },
    report: reportOf(owner, before),
  }
}

/**
 * Nothing waits between the last applied record and the end; markers of transactions and compaction leave gaps there.
 * `goesOn`: time is not held by what waits.
 */
async function isCaughtUp(stage: Stage, ports: Ports, owner: Owner, end: number, goesOn: boolean): Promise<boolean> {
  const next = owner.fold.position.offset + 1
  if (next >= end) return true
  const waiting = await ports.broker.fetch(stage.source.name, owner.partition, next, { maxRecords: 1, maxBytes: 1 })
  const caughtUp = waiting.length === 0 || waiting[0]!.offset >= end
  if (goesOn) return caughtUp
  ports.log(caughtUp ? 'debug' : 'info', {
    what: 'tick holds',
    stage: stage.id,
    partition: owner.partition,
    behind: caughtUp ? 0 : end - next,
    metrics: { TickHold: caughtUp ? 0 : 1 },
  })
  return caughtUp
}
