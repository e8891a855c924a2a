import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import type { Decode } from './decode.ts'
import { applyFreed } from './freed.ts'
import type { ControlEvent, KafkaEventRecord, PartitionReport, RedrivenRecord } from './kafka-event.ts'
import type { Owners } from './owners.ts'
import { commitPieces } from './pieces.ts'
import type { Ports } from './ports.ts'
import { reportOf } from './stateful.ts'
import { redriveStateless } from './stateless.ts'

type Redrive = Extract<ControlEvent, { millrace: 'redrive' }>

/**
 * Applies parked records, or gives them up. With state, the hole that was noted when a record was parked is filled by the
 * commit that applies it: whatever is sent twice, or fails half-way, is applied once. Where keys are held, what waited behind
 * them follows in the order of offsets, from the source. Without state, outputs go out under
 * an identity of the parked record's own, which readers take once.
 *
 * @throws MillraceError `EVENT_UNKNOWN`, `DEADLINE` (what is done stays done), and what the journal and sinks throw
 */
export async function redrive(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  decode: Decode,
  event: Redrive,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<RedrivenRecord[]> {
  const { records, discard = false } = event
  if (!Array.isArray(records) || records.some((record) => record?.topic !== stage.source.name))
    throw new MillraceError('EVENT_UNKNOWN', { given: `a redrive with records that are not of ${stage.source.name}` })
  if (!stage.stateful) return discard ? [] : redriveStateless(stage, ports, decode, records, reports)
  const redriven: RedrivenRecord[] = []
  for (const partition of new Set(records.map((record) => record.partition))) {
    const own = records.filter((record) => record.partition === partition).sort((a, b) => a.offset - b.offset)
    redriven.push(...(await redrivePartition(stage, ports, owners, decode, partition, own, event, deadline, reports)))
  }
  return redriven
}

async function redrivePartition(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  decode: Decode,
  partition: number,
  records: readonly KafkaEventRecord[],
  { discard = false, more = false }: Redrive,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<RedrivenRecord[]> {
  const owner = await owners.take(partition, undefined)
  const before = { ...owner.counts }
  const redriven = await commitPieces(stage, ports, owner, records, deadline, ({ fold }, record) => ({
    partition,
    offset: record.offset,
    ...(discard ? fold.discard(record.offset) : fold.redrive(decode(record))),
  }))
  if (owner.holdsKeys && !more) redriven.push(...(await applyFreed(stage, ports, owner, decode, deadline)))
  owners.keep(owner)
  reports.push(reportOf(owner, before))
  return redriven
}
