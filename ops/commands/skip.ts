import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Outcome, Target } from '../target.ts'

/** Parks unread what a partition has not read below offset `to`, so that it goes on there. */
export async function skip(target: Target, stage: Stage, partition: number, to: number): Promise<Outcome> {
  const report = await target.invoke(stage, { millrace: 'skip', partition, to })
  const parked = report.partitions.reduce((sum, { counts }) => sum + counts.parked, 0)
  const offset = report.partitions[0]?.offset ?? -1
  const text =
    parked === 0
      ? `Nothing to skip: partition ${partition} has applied offset ${offset} already.`
      : `Skipped ${parked} records of partition ${partition}; it goes on behind offset ${offset}. They are parked as SKIPPED, and can be redriven.`
  return { text, json: { stage: stage.id, partition, skipped: parked, offset } }
}
