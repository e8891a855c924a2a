import { zeroCounts } from '../../shared/engine/counts.ts'
import { Fold } from '../../shared/engine/fold.ts'
import type { FoldRecord, FoldSpec, Parking, Position } from '../../shared/engine/fold-spec.ts'
import type { Machine } from '../../shared/engine/machine.ts'
import { type Output, type OutputSpec, PARKED } from '../../shared/engine/outputs.ts'
import { NO_WAKE, State } from '../../shared/engine/state.ts'

/** What a record tells the machine to do, in this order. */
export interface Command {
  /** Cells to put, by id: value and timer (-1: none). */
  readonly put?: Readonly<Record<string, readonly [value: unknown, wakeAtMs: number]>>
  readonly delete?: readonly string[]
  readonly emit?: readonly unknown[]
  readonly late?: boolean
  readonly throws?: boolean
}

type Value = Extract<FoldRecord, { kind: 'value' }>

/**
 * Does what each record says. A cell that wakes puts out its id, the time and what the cells of its key are then, and
 * goes; one called `again…` sets its timer anew instead, one called `bad…` throws halfway.
 */
const obedient: Machine<Command, unknown> = {
  signature: 'obedient',
  onRecord(c, { value, offset }) {
    for (const [id, [put, wakeAtMs]] of Object.entries(value.put ?? {})) c.cells.put(id, put, wakeAtMs)
    for (const id of value.delete ?? []) c.cells.delete(id)
    for (const each of value.emit ?? []) c.emit(each, Math.max(0, c.streamTimeMs))
    if (value.late) c.late(1)
    else c.emit(`record ${offset} at ${c.streamTimeMs}`, Math.max(0, c.streamTimeMs))
    if (value.throws) throw new RangeError('as told')
  },
  onTimer(c, id, timeMs) {
    c.emit(`timer ${JSON.stringify(c.key)}/${id} at ${timeMs}`, timeMs)
    if (id.startsWith('bad')) {
      c.cells.put('trace', 'of a failure')
      throw new TypeError('as told')
    }
    if (id.startsWith('again')) c.cells.put(id, 'again', timeMs + 10)
    else c.cells.delete(id)
  },
}

const toTopic: OutputSpec = { what: 'result', target: 'topic', where: undefined, map: undefined, keyOf: undefined }

const parking: Parking = {
  record: (raw, code) => parked(`record ${raw as string}: ${code}`),
  cell: ({ key, id, text, timeMs }, code) => parked(`cell ${key}/${id}=${text}: ${code} at ${timeMs}`),
}

const parked = (value: string): Output => ({ to: PARKED, key: 'p', value, timeMs: 0, sort: '' })

export const spec: FoldSpec = {
  ops: [],
  machine: obedient as Machine<unknown, unknown>,
  outputs: [toTopic],
  timeLanes: 0,
}

export function foldOver(state = new State(), position?: Partial<Position>, fields: Partial<FoldSpec> = {}): Fold {
  const start = { offset: -1, streamTimeMs: -1, counts: zeroCounts(), ...position }
  return new Fold({ ...spec, ...fields }, parking, { topic: 't', partition: 0 }, state, start)
}

export const value = (offset: number, timeMs: number, command: Command = {}, fields: Partial<Value> = {}): Value => ({
  kind: 'value',
  offset,
  timeMs,
  address: 'k',
  value: command,
  identity: undefined,
  timeLane: 0,
  raw: String(offset),
  ...fields,
})

export const bad = (offset: number): Extract<FoldRecord, { kind: 'bad' }> => ({
  kind: 'bad',
  offset,
  code: 'NOT_JSON',
  facts: {},
  raw: String(offset),
})

/** What was put out since the last commit. */
export const outputsOf = (fold: Fold): (string | null)[] =>
  fold.outputs.map(({ to, value }) => (to === PARKED || value === null ? value : (JSON.parse(value) as string)))

/** Takes them all, as one commit. */
export function takeAll(fold: Fold, records: readonly FoldRecord[]): (string | null)[] {
  for (const record of records) fold.take(record, Number.POSITIVE_INFINITY)
  return outputsOf(fold)
}

/** Cells of users, by `key/id`. */
export function cellsOf(state: State): Record<string, unknown> {
  const cells = [...state.cells()].filter(({ key }) => !key.startsWith('\u0000'))
  return Object.fromEntries(
    cells.map((cell) => [
      `${cell.key}/${cell.id}`,
      cell.wakeAtMs === NO_WAKE ? cell.decoded() : [cell.decoded(), cell.wakeAtMs],
    ]),
  )
}

/** The state as it would be read back from a journal. */
export function reloaded(state: State): State {
  const copy = new State()
  for (const { key, id, wakeAtMs, text } of state.cells()) copy.load({ key, id, wakeAtMs, text })
  return copy
}
