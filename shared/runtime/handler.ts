import { isMillraceError, MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { closeWindows } from './close-windows.ts'
import { Deadline, type InvocationContext } from './deadline.ts'
import { type Decode, decoder } from './decode.ts'
import { forget } from './forget.ts'
import type { ControlEvent, InvocationReport, KafkaEvent, KafkaEventRecord, PartitionReport } from './kafka-event.ts'
import { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import type { ProgressSent } from './progress.ts'
import { redrive } from './redrive.ts'
import { settle } from './settle.ts'
import { skip } from './skip.ts'
import { SourceWatch } from './source-watch.ts'
import { foldPartition } from './stateful.ts'
import { transformBatch } from './stateless.ts'
import { tick } from './tick.ts'

export type StageHandler = (event: KafkaEvent | ControlEvent, context: InvocationContext) => Promise<InvocationReport>

/**
 * The handler of one stage, for one environment: what it holds in memory lives as long as the environment.
 * Resolves only when everything of the event is committed and published; rejects when the event must come again, after
 * telling `unfinished` what is committed and published all the same.
 */
export function stageHandler(
  stage: Stage,
  ports: Ports,
  unfinished: (report: InvocationReport) => void = () => {},
): StageHandler {
  const decode = decoder(stage)
  const owners = new Owners(stage, ports)
  const progressSent: ProgressSent = new Map()
  const watch = new SourceWatch(stage, ports)

  return async (event, context) => {
    const kind = kindOf(event)
    const deadline = new Deadline(context)
    const partitions: PartitionReport[] = []
    try {
      if ('millrace' in event && event.millrace === 'redrive') {
        const fates = await redrive(stage, ports, owners, decode, event, deadline, partitions)
        return { stage: stage.id, kind, partitions, ...fates }
      }
      if ('millrace' in event && event.millrace === 'forget') {
        const forgotten = await forget(stage, owners, event, deadline, partitions)
        return { stage: stage.id, kind, partitions, forgotten }
      }
      if ('millrace' in event) await control(event, deadline, partitions)
      else await batch(event, deadline, partitions)
      return { stage: stage.id, kind, partitions }
    } catch (error) {
      if (partitions.length > 0) unfinished({ stage: stage.id, kind, partitions })
      throw error
    }
  }

  async function batch(event: KafkaEvent, deadline: Deadline, reports: PartitionReport[]): Promise<void> {
    const batches = byPartition(stage, event)
    if (stage.stateful)
      await allOf(
        batches.map(([partition, records]) =>
          foldPartition(stage, ports, owners, decode, partition, records, deadline, reports),
        ),
      )
    else {
      await watch.look(batches)
      await transformBatch(stage, ports, decode, batches, progressSent, deadline, reports)
    }
    const order = batches.map(([partition]) => partition)
    reports.sort((a, b) => order.indexOf(a.partition) - order.indexOf(b.partition))
  }

  async function control(event: ControlEvent, deadline: Deadline, reports: PartitionReport[]): Promise<void> {
    if (event.millrace === 'skip') return skip(stage, ports, owners, event, deadline, reports)
    if (!stage.stateful) return
    if (event.millrace === 'tick') await tick(stage, ports, owners, deadline, reports)
    else if (event.millrace === 'settle') reports.push(...(await settle(stage, owners, deadline)))
    else await closeWindows(stage, owners, deadline, reports)
  }
}

const CONTROLS: readonly ControlEvent['millrace'][] = ['tick', 'close-windows', 'settle', 'redrive', 'skip', 'forget']

function kindOf(event: KafkaEvent | ControlEvent): InvocationReport['kind'] {
  if ('millrace' in event && CONTROLS.includes(event.millrace)) return event.millrace
  if ('millrace' in event || typeof event?.records !== 'object' || event.records === null)
    throw new MillraceError('EVENT_UNKNOWN', { given: describe(event) })
  return 'batch'
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
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work)
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  if (failures.length > 0)
    throw failures.find((failure) => isMillraceError(failure) && !failure.retriable) ?? failures[0]
}

const describe = (event: unknown): string =>
  typeof event === 'object' && event !== null
    ? `an object with ${Object.keys(event).slice(0, 5).join(', ') || 'nothing'}`
    : typeof event

export type { Decode }
