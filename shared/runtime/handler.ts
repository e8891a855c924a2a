import { isMillraceError, MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { closeWindows } from './close-windows.ts'
import { Deadline, type InvocationContext } from './deadline.ts'
import { type Decode, decoder } from './decode.ts'
import type { ControlEvent, InvocationReport, KafkaEvent, KafkaEventRecord, PartitionReport } from './kafka-event.ts'
import { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { settle } from './settle.ts'
import { foldPartition } from './stateful.ts'
import { type ProgressSent, transformBatch } from './stateless.ts'
import { tick } from './tick.ts'

export type StageHandler = (event: KafkaEvent | ControlEvent, context: InvocationContext) => Promise<InvocationReport>

const CONTROLS: readonly string[] = ['tick', 'close-windows', 'settle'] satisfies ControlEvent['millrace'][]

/**
 * The handler of one stage, for one environment: what it holds in memory lives as long as the environment.
 * Resolves only when everything of the event is committed and published; rejects when the event must come again.
 */
export function stageHandler(stage: Stage, ports: Ports): StageHandler {
  const decode = decoder(stage)
  const owners = new Owners(stage, ports)
  const progressSent: ProgressSent = new Map()

  return async (event, context) => {
    const deadline = new Deadline(context)
    if ('millrace' in event) return control(event, deadline)
    if (typeof event?.records !== 'object' || event.records === null)
      throw new MillraceError('EVENT_UNKNOWN', { given: describe(event) })
    return { stage: stage.id, kind: 'batch', partitions: await batch(event, deadline) }
  }

  async function batch(event: KafkaEvent, deadline: Deadline): Promise<PartitionReport[]> {
    const batches = byPartition(stage, event)
    if (!stage.stateful) return transformBatch(stage, ports, decode, batches, progressSent, deadline)
    return allOf(
      batches.map(([partition, records]) => foldPartition(stage, ports, owners, decode, partition, records, deadline)),
    )
  }

  async function control(event: ControlEvent, deadline: Deadline): Promise<InvocationReport> {
    if (!CONTROLS.includes(event.millrace)) throw new MillraceError('EVENT_UNKNOWN', { given: describe(event) })
    return { stage: stage.id, kind: event.millrace, partitions: stage.stateful ? await work(event, deadline) : [] }
  }

  function work({ millrace }: ControlEvent, deadline: Deadline): Promise<PartitionReport[]> {
    if (millrace === 'settle') return settle(stage, owners, deadline)
    return millrace === 'tick' ? tick(stage, ports, owners, deadline) : closeWindows(stage, owners, deadline)
  }
}

/** The event's records per partition, in offset order. */
function byPartition(stage: Stage, event: KafkaEvent): (readonly [number, readonly KafkaEventRecord[]])[] {
  const batches = new Map<number, readonly KafkaEventRecord[]>()
  for (const records of Object.values(event.records)) {
    const first = records[0]
    if (first === undefined) continue
    if (first.topic !== stage.source.name)
      throw new MillraceError('EVENT_UNKNOWN', { given: `records of the topic ${first.topic}` })
    batches.set(first.partition, [...(batches.get(first.partition) ?? []), ...records])
  }
  return [...batches]
}

/**
 * Waits for all, then reports the first failure: work must not go on behind an invocation that has ended.
 * A failure that a retry cannot mend is reported before one that it can.
 */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work)
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  if (failures.length > 0)
    throw failures.find((failure) => isMillraceError(failure) && !failure.retriable) ?? failures[0]
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value)
}

const describe = (event: unknown): string =>
  typeof event === 'object' && event !== null
    ? `an object with ${Object.keys(event).slice(0, 5).join(', ') || 'nothing'}`
    : typeof event

export type { Decode }
