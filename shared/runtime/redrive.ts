import { RESERVED } from '../engine/key.ts'
import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import type { Decode } from './decode.ts'
import { applyFreed } from './freed.ts'
import type {
  CellPlace,
  ControlEvent,
  KafkaEventRecord,
  PartitionReport,
  RedrivenCell,
  RedrivenRecord,
} from './kafka-event.ts'
import type { Owner } from './owner.ts'
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
 * an identity of the parked record's own, which readers take once. Cells whose timers failed are put back and fire.
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
): Promise<{ redriven: RedrivenRecord[]; redrivenCells?: RedrivenCell[] }> {
  const { records, cells = [], discard = false } = event
  if (!Array.isArray(records) || records.some((record) => record?.topic !== stage.source.name))
    throw new MillraceError('EVENT_UNKNOWN', { given: `a redrive with records that are not of ${stage.source.name}` })
  if (!Array.isArray(cells) || !cells.every(isCellPlace))
    throw new MillraceError('EVENT_UNKNOWN', { given: 'a redrive with cells that have no place' })
  if (!stage.stateful)
    return { redriven: discard ? [] : await redriveStateless(stage, ports, decode, records, reports) }
  const redriven: RedrivenRecord[] = []
  const redrivenCells: RedrivenCell[] = []
  for (const partition of new Set([...records, ...cells].map((each) => each.partition))) {
    const own = records.filter((record) => record.partition === partition).sort((a, b) => a.offset - b.offset)
    const ownCells = cells.filter((cell) => cell.partition === partition)
    const owner = await owners.take(partition, undefined)
    const before = { ...owner.counts }
    redriven.push(...(await redriveRecords(stage, ports, owner, decode, own, event, deadline)))
    const fates = await commitPieces(stage, ports, owner, ownCells, deadline, ({ fold }, { key, cell }) => ({
      ...{ partition, key, cell },
      ...(discard ? fold.discardCell(key, cell) : fold.redriveCell(key, cell)),
    }))
    redrivenCells.push(...fates)
    owners.keep(owner)
    reports.push(reportOf(owner, before))
  }
  return { redriven, ...(cells.length > 0 && { redrivenCells }) }
}

/** A key of the engine's own is no key. */
const isCellPlace = (place: CellPlace): boolean =>
  typeof place?.key === 'string' && !place.key.startsWith(RESERVED) && typeof place.cell === 'string'

async function redriveRecords(
  stage: Stage,
  ports: Ports,
  owner: Owner,
  decode: Decode,
  records: readonly KafkaEventRecord[],
  { discard = false, more = false }: Redrive,
  deadline: Deadline,
): Promise<RedrivenRecord[]> {
  const redriven = await commitPieces(stage, ports, owner, records, deadline, ({ fold, partition }, record) => ({
    partition,
    offset: record.offset,
    ...(discard ? fold.discard(record.offset) : fold.redrive(decode(record))),
  }))
  if (stage.holdsKeys && !more) redriven.push(...(await applyFreed(stage, ports, owner, decode, deadline)))
  return redriven
}
