import type { ErrorCode } from '../../shared/errors.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import type { CellPlace, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { cellOf, type ParkedRecord } from '../../shared/runtime/parking.ts'
import { CHUNK_RECORDS_MAX, chunks } from '../parked/chunks.ts'
import { stageOf } from '../parked/holes.ts'
import { originalOf } from '../parked/original.ts'
import { readParked, type Selection } from '../parked/read.ts'
import { tableText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

/** What became of one parked record. */
export interface Fate {
  readonly id: string
  /** 'not parked': applied before, or given up. 'refused': it would be parked again, and stays so. 'not sent': see `why`. */
  readonly outcome: 'applied' | 'discarded' | 'not parked' | 'refused' | 'not sent'
  readonly why?: ErrorCode | string
}

const SAYS: Readonly<Record<Fate['outcome'], string>> = {
  applied: 'applied',
  discarded: 'given up',
  'not parked': 'applied or given up before',
  refused: 'would be parked again, and stays parked',
  'not sent': 'not sent',
}

/**
 * Applies the parked records that are meant, or gives them up: each once and only once, however often it is asked for.
 * Piece by piece, so that what is done stays done when it fails on the way.
 */
export async function redrive(target: Target, plan: Plan, selection: Selection, discard: boolean): Promise<Outcome> {
  const { records } = await readParked(target.broker, selection)
  const fates: Fate[] = []
  for (const [stage, parked] of Map.groupBy(records, (each) => stageOf(plan, each))) {
    if (stage === undefined) fates.push(...parked.map(({ id }) => notSent(id, 'its processor is declared no more')))
    else if (discard && !stage.stateful)
      fates.push(...parked.map(({ id }) => notSent(id, 'its stage keeps no state: there is nothing to give up')))
    else fates.push(...(await redriveStage(target, stage, parked, discard)))
  }
  return { text: report(fates), json: fates, ok: fates.every(({ outcome }) => !/^(refused|not sent)$/.test(outcome)) }
}

const notSent = (id: string, why: string): Fate => ({ id, outcome: 'not sent', why })

async function redriveStage(
  target: Target,
  stage: Stage,
  parked: readonly ParkedRecord[],
  discard: boolean,
): Promise<Fate[]> {
  const fates: Fate[] = []
  const records: KafkaEventRecord[] = []
  const cells: (CellPlace & { readonly id: string })[] = []
  for (const each of parked) {
    const cell = cellOf(each)
    if (cell !== undefined) {
      cells.push({ ...cell, id: each.id })
      continue
    }
    if (each.kind === 'cell') {
      fates.push(notSent(each.id, 'state has gone on without it'))
      continue
    }
    const original = discard ? { record: placeOf(each) } : await originalOf(target.broker, each)
    if ('missing' in original) fates.push(notSent(each.id, original.missing))
    else records.push(original.record)
  }
  for (const [partition, own] of Map.groupBy(records, (record) => record.partition)) {
    const parts = chunks(own)
    for (const [i, some] of parts.entries()) {
      // What waits behind them follows when all of them have been there.
      const event = { millrace: 'redrive', records: some, discard, more: i < parts.length - 1 } as const
      const { redriven = [] } = await target.invoke(stage, event)
      for (const { offset, outcome, code } of redriven)
        fates.push({ id: idOf(stage, partition, offset), outcome, ...(code !== undefined && { why: code }) })
    }
  }
  return [...fates, ...(await redriveCells(target, stage, cells, discard))]
}

async function redriveCells(
  target: Target,
  stage: Stage,
  cells: readonly (CellPlace & { readonly id: string })[],
  discard: boolean,
): Promise<Fate[]> {
  const fates: Fate[] = []
  for (let from = 0; from < cells.length; from += CHUNK_RECORDS_MAX) {
    const some = cells.slice(from, from + CHUNK_RECORDS_MAX)
    const places = some.map(({ partition, key, cell }) => ({ partition, key, cell }))
    const { redrivenCells = [] } = await target.invoke(stage, {
      millrace: 'redrive',
      records: [],
      cells: places,
      discard,
    })
    for (const { partition, key, cell, outcome, code } of redrivenCells) {
      const { id } = some.find((each) => each.partition === partition && each.key === key && each.cell === cell)!
      fates.push({ id, outcome, ...(code !== undefined && { why: code }) })
    }
  }
  return fates
}

/** As it was parked; also what was not asked for, but waited behind what was. */
const idOf = ({ id, source }: Stage, partition: number, offset: number): string =>
  `${id}/${source.name}/${partition}/${offset}`

/** To give a record up its place is enough. */
const placeOf = ({ topic, partition, offset, timestamp }: ParkedRecord): KafkaEventRecord => ({
  ...{ topic, partition, offset, timestamp },
  timestampType: 'CREATE_TIME',
})

function report(fates: readonly Fate[]): string {
  const sums = Map.groupBy(fates, ({ outcome, why }) => `${SAYS[outcome]}\n${why ?? ''}`)
  const rows = [...sums].map(([name, each]) => [...name.split('\n'), each.length, each[0]!.id])
  return tableText(['what became of it', 'why', 'records', 'the first'], rows)
}
