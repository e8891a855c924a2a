import type { Stage } from '../processor/plan-types.ts'
import type { OutgoingRecord } from '../sinks/sink.ts'
import { PROGRESS_HEADER } from './identity.ts'
import type { Ports } from './ports.ts'
import type { Publication } from './publish.ts'
import { firstTimeLane } from './time-lanes.ts'

const PROGRESS_EVERY_MS = 1_000

/** What a stage without state keeps between invocations: when it last told how far a source partition has come. */
export type ProgressSent = Map<number, number>

/**
 * Tells the partitions of the internal topic that got no record of this source partition how far it has come, at most
 * once a second, so that their time is not held back by it.
 */
export function addProgress(
  stage: Stage,
  ports: Ports,
  partition: number,
  timeMs: number,
  sent: readonly Publication[],
  progress: Map<string, OutgoingRecord[]>,
  progressSent: ProgressSent,
): void {
  const nowMs = ports.clock.nowMs()
  if (timeMs < 0 || nowMs - (progressSent.get(partition) ?? Number.NEGATIVE_INFINITY) < PROGRESS_EVERY_MS) return
  progressSent.set(partition, nowMs)
  const internal = stage.program.targets[0]!
  if (internal.kind !== 'topic') return
  const withData = new Set(
    sent.filter(({ entry }) => entry.target === internal.topic.name).map(({ entry }) => entry.partition),
  )
  for (let target = 0; target < internal.topic.partitions; target++) {
    if (withData.has(target)) continue
    const place = `${internal.topic.name}/${target}`
    const record: OutgoingRecord = {
      key: null,
      value: null,
      headers: { [PROGRESS_HEADER]: `${firstTimeLane(stage) + partition};${timeMs}` },
      timestampMs: timeMs,
    }
    progress.set(place, [...(progress.get(place) ?? []), record])
  }
}
