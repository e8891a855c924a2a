import type { JournalStore, StoreUsage } from '../../shared/journal/store.ts'
import type { Stage } from '../../shared/processor/index.ts'
import { type StageHandler, stageHandler } from '../../shared/runtime/handler.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { context, countingPorts } from '../parts.ts'
import type { SplitStore } from './split-store.ts'

/** What some batches have cost, counted by the store and in the handler's reports. */
export interface JournalCost {
  readonly records: number
  /** Partitions that a batch had records of, summed over the batches: what a commit is for. */
  readonly partitionBatches: number
  /** Of one partition and batch, at most. */
  readonly commitsMax: number
  readonly commits: number
  /** Everything but the writes of buckets. */
  readonly usage: StoreUsage
  readonly bucketUsage: StoreUsage
  readonly durationMs: number
}

/** An execution environment that has not seen any partition yet, over what the store holds. */
export const coldHandler = (stage: Stage, store: JournalStore): StageHandler =>
  stageHandler(stage, countingPorts(store))

/** Gives the events to the handler, one after the other. */
export async function measureCost(
  handler: StageHandler,
  store: SplitStore,
  events: readonly KafkaEvent[],
): Promise<JournalCost> {
  const before = { usage: { ...store.usage }, buckets: { ...store.bucketUsage } }
  const cost = { records: 0, partitionBatches: 0, commitsMax: 0, commits: 0 }
  const startedAt = performance.now()
  for (const event of events) {
    for (const { counts, commits } of (await handler(event, context)).partitions) {
      cost.records += counts.read
      cost.partitionBatches++
      cost.commits += commits
      cost.commitsMax = Math.max(cost.commitsMax, commits)
    }
  }
  const durationMs = performance.now() - startedAt
  const usage = difference(store.usage, before.usage)
  return { ...cost, usage, bucketUsage: difference(store.bucketUsage, before.buckets), durationMs }
}

const difference = (after: StoreUsage, before: StoreUsage): StoreUsage => ({
  reads: after.reads - before.reads,
  writes: after.writes - before.writes,
  readUnits: after.readUnits - before.readUnits,
  writeUnits: after.writeUnits - before.writeUnits,
})
