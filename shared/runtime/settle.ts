import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import type { PartitionReport } from './kafka-event.ts'
import type { Owners } from './owners.ts'
import { reportOf } from './stateful.ts'

/**
 * Takes every partition in hand, which publishes what a dead invocation committed and left unpublished, and reports what
 * stands in its journal. Neither offset nor time moves.
 *
 * @throws MillraceError `DEADLINE`, and what journal and sinks throw
 */
export async function settle(stage: Stage, owners: Owners, deadline: Deadline): Promise<PartitionReport[]> {
  const reports: PartitionReport[] = []
  for (let partition = 0; partition < stage.source.partitions; partition++) {
    if (deadline.reached) throw deadline.error(0, 0)
    const owner = await owners.take(partition, undefined)
    owners.keep(owner)
    reports.push(reportOf(owner, { ...owner.counts }))
  }
  return reports
}
