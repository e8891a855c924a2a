import { journalName } from '../../shared/journal/item-keys.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import { headOf, newestCommit } from '../journal/read.ts'
import { tableText, timeText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

/** How far a stage is in one partition of its source. Offsets are those of the next record. */
export interface PartitionLag {
  readonly stage: string
  readonly partition: number
  /** Where the topic ends. */
  readonly end: number
  /** What the journal has applied; undefined without state, or before the first commit. */
  readonly applied: number | undefined
  /** What the consumer group has committed. */
  readonly committed: number | undefined
  /** Records that wait. */
  readonly waiting: number
  /** Epoch ms. */
  readonly streamTimeMs: number | undefined
}

/** Per stage and partition: end of the topic, journal, group. `stages` undefined: all of the plan. */
export async function lag(target: Target, plan: Plan, stages: readonly Stage[] = plan.stages): Promise<Outcome> {
  const lags = (await Promise.all(stages.map((stage) => lagOf(target, stage)))).flat()
  const rows = lags.map(({ streamTimeMs, ...each }) => [
    each.stage,
    each.partition,
    each.end,
    each.applied,
    each.committed,
    each.waiting,
    streamTimeMs === undefined ? undefined : timeText(streamTimeMs),
  ])
  const head = ['stage', 'partition', 'end', 'applied', 'committed', 'waiting', 'stream time']
  return { text: tableText(head, rows), json: lags }
}

async function lagOf({ broker, journal }: Target, stage: Stage): Promise<PartitionLag[]> {
  const { source, group, processor, generation } = stage
  if ((await broker.describe(source.name)) === undefined) return []
  const [starts, ends, committed] = await Promise.all([
    broker.startOffsets(source.name),
    broker.endOffsets(source.name),
    broker.committed(group, source.name),
  ])
  const lags: PartitionLag[] = []
  for (const [partition, end] of ends.entries()) {
    const newest = stage.stateful
      ? await newestCommit(journal, journalName({ processor, generation, partition }))
      : undefined
    const applied = newest && headOf(newest).offset + 1
    const next = Math.max(applied ?? committed[partition]?.offset ?? 0, starts[partition]!)
    lags.push({
      stage: stage.id,
      partition,
      end,
      applied,
      committed: committed[partition]?.offset,
      waiting: Math.max(0, end - next),
      streamTimeMs: newest && headOf(newest).streamTimeMs,
    })
  }
  return lags
}
