import { isMillraceError } from '../errors.ts'
import type { PlannedTopic, Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import { drainedLanes, type IdleLanes, idleLanes } from './idle-lanes.ts'
import type { PartitionReport } from './kafka-event.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { sourceChanged } from './source-check.ts'
import { readTickItem, type TickPartition, type TopicIdentity, writeTickItem } from './tick-item.ts'
import { visitPartition } from './tick-visit.ts'

/**
 * Moves the time of silent partitions, so that windows close and patterns time out without records; publishes what a
 * dead invocation left unpublished. Never while records wait: lag holds the time; but source partitions upstream that are
 * idle hold it no longer once what they have written is taken. A partition that fails does not keep the others from
 * theirs. Adds to `reports` what is done.
 *
 * @throws MillraceError `SOURCE_CHANGED` when the source topic was made anew or has grown, and what partitions failed with
 */
export async function tick(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<void> {
  const item = await readTickItem(ports.journal, stage)
  const source = await checkTopic(stage, ports, stage.source, item.source)
  const upstream: TopicIdentity[] = []
  for (const [i, { source }] of stage.upstream.entries())
    upstream.push(await checkTopic(stage, ports, source, item.upstream?.[i]))
  const lanes = await drainedLanes(stage, ports, item)
  const ends = await ports.broker.endOffsets(stage.source.name)
  const nowMs = ports.clock.nowMs()
  const idle = idleLanes(stage, lanes, nowMs)
  const partitions: Record<number, TickPartition> = {}
  const failures: unknown[] = []
  for (let partition = 0; partition < stage.source.partitions; partition++) {
    const seen = look(stage, item.partitions[partition], ends[partition] ?? 0, nowMs)
    partitions[partition] = seen
    if (deadline.reached || !isDue(stage, seen, nowMs, idle)) continue
    try {
      const lastEnd = item.partitions[partition]?.end
      const visit = await visitPartition({ stage, ports, owners, deadline, nowMs, lanes }, partition, seen, lastEnd)
      if (visit === undefined) continue
      partitions[partition] = visit.seen
      reports.push(visit.report)
    } catch (error) {
      failures.push(error)
    }
  }
  const content = { source, ...(upstream.length > 0 && { upstream }), partitions, ...(lanes && { lanes }) }
  await writeTickItem(ports.journal, stage, item, content)
  if (failures.length > 0)
    throw failures.find((failure) => isMillraceError(failure) && !failure.retriable) ?? failures[0]
}

/** A source must be the one that the state came from, with the partitions that were declared. */
async function checkTopic(
  stage: Stage,
  ports: Ports,
  { name, partitions }: PlannedTopic,
  known: TopicIdentity | undefined,
): Promise<TopicIdentity> {
  const found = await ports.broker.describe(name)
  const problem =
    found === undefined
      ? `the topic ${name} does not exist`
      : found.partitions !== partitions
        ? `the topic ${name} has ${found.partitions} partitions, declared are ${partitions}`
        : known !== undefined && known.id !== found.id
          ? `the topic ${name} was made anew`
          : undefined
  if (problem !== undefined) throw sourceChanged(stage, ports, problem)
  return { id: found!.id, partitions: found!.partitions }
}

/** What was known of a partition, unless its end has moved: then silence starts anew. */
function look(stage: Stage, known: TickPartition | undefined, end: number, nowMs: number): TickPartition {
  if (known !== undefined && known.end === end) {
    if (known.reopened === undefined) return known
    const { reopened: _, ...kept } = known
    return { ...kept, watchUntilMs: nowMs + 2 * stage.deployment.timeoutMs }
  }
  return {
    end,
    sinceMs: nowMs,
    settled: false,
    publishedSeq: known?.publishedSeq ?? 0,
    ...(known?.idleLanes !== undefined && { idleLanes: known.idleLanes }),
  }
}

function isDue(stage: Stage, seen: TickPartition, nowMs: number, idle: IdleLanes | undefined): boolean {
  if (seen.settled) return false
  if (idle !== undefined && idle.lanes.length > 0 && seen.idleLanes !== idle.name) return true
  const silenceMs = nowMs - seen.sinceMs
  if (silenceMs < stage.idleAfterMs) return false
  if (seen.baseMs === undefined || seen.nextTimerMs === undefined) return true
  return seen.baseMs + silenceMs - stage.idleAfterMs >= seen.nextTimerMs
}
