import { type Aggregates, combine } from '../../../shared/engine/aggregates/aggregate.ts'
import { count } from '../../../shared/engine/aggregates/numbers.ts'
import { sum } from '../../../shared/engine/aggregates/sum.ts'
import { collect } from '../../../shared/engine/aggregates/values.ts'
import { type Counts, zeroCounts } from '../../../shared/engine/counts.ts'
import { Fold } from '../../../shared/engine/fold.ts'
import type { FoldRecord, Parking, Position } from '../../../shared/engine/fold-spec.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import type { OutputSpec } from '../../../shared/engine/outputs.ts'
import { State } from '../../../shared/engine/state.ts'
import type { Emission } from '../../../shared/engine/windows/emission.ts'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { windowMachine } from '../../../shared/engine/windows/window-machine.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { reloaded } from '../fold-fixture.ts'

export interface Event {
  readonly key: string
  readonly at: number
  readonly n: number
}

/** What is done after a record: nothing; a commit; a commit and a cold start; all since the last commit is lost. */
export type Cut = 'none' | 'commit' | 'cold' | 'crash'

export interface Played {
  /** One line each, in order: `key start..end count=… sum=… @time`, with `gone` for a tombstone. */
  readonly outputs: string[]
  readonly counts: Counts
  /** Cells that are left. */
  readonly size: number
}

const row: OutputSpec = { what: 'result', target: 'table', where: undefined, map: undefined, keyOf: undefined }
const parking: Parking = {
  record: (_, code) => ({ to: -1, key: null, value: JSON.stringify({ parked: code }), timeMs: 0, sort: '0/0' }),
  cell: (_, code) => ({ to: -1, key: null, value: JSON.stringify({ parkedCell: code }), timeMs: 0, sort: '0/0' }),
}

/** States of fixed size, and with `ids` such that grow. */
export const aggregates = (ids: boolean): Aggregates<Event> => ({
  count: count(),
  sum: sum((event: Event) => event.n),
  ...(ids && { ids: collect(1_000, (event: Event) => event.n) }),
})

export const machineOf = (window: Window<EmitMode>, emission: Emission, ids = false): Machine<Event, unknown> =>
  windowMachine(window, combine(aggregates(ids)), emission) as Machine<Event, unknown>

/** Folds the events as one partition, closes everything at the end of time, and cuts as it is told. */
export function play(
  machine: Machine<Event, unknown>,
  events: readonly Event[],
  cuts: readonly Cut[] = ['none'],
  { bytesMax = Number.POSITIVE_INFINITY, close = true } = {},
): Played {
  const lines: string[] = []
  let fold = open(machine, new State(), { offset: -1, streamTimeMs: -1, counts: zeroCounts() })
  let step = 0
  const crashed = new Set<number>()
  while (fold.position.offset + 1 < events.length) {
    const offset = fold.position.offset + 1
    if (!fold.take(record(offset, events[offset]!), bytesMax)) commit()
    else cut(cuts[step++ % cuts.length]!)
  }
  if (close) while (!fold.advanceTo(END_OF_TIME_MS, bytesMax)) commit()
  commit()
  return { outputs: lines, counts: fold.position.counts, size: fold.state.userCells }

  function commit(): void {
    lines.push(...fold.outputs.map(lineOf))
    fold.confirm()
  }
  function cut(what: Cut): void {
    if (what === 'crash') {
      // What is lost comes again; the second time it goes through.
      if (crashed.has(fold.position.offset)) return
      crashed.add(fold.position.offset)
      fold.undo()
    } else if (what !== 'none') commit()
    if (what === 'cold') fold = open(machine, reloaded(fold.state), fold.position)
  }
}

const open = (machine: Machine<Event, unknown>, state: State, position: Position): Fold =>
  new Fold(
    { ops: [], machine: machine as Machine<unknown, unknown>, outputs: [row], timeLanes: 0 },
    parking,
    { topic: 't', partition: 0 },
    state,
    { ...position, counts: { ...position.counts } },
  )

const record = (offset: number, event: Event): FoldRecord => ({
  kind: 'value',
  offset,
  timeMs: event.at,
  address: event.key,
  value: event,
  identity: undefined,
  timeLane: 0,
  raw: offset,
})

function lineOf({
  key,
  value,
  timeMs,
  sort,
}: {
  key: string | null
  value: string | null
  timeMs: number
  sort: string
}) {
  const [start, end] = sort.split('/').map(Number)
  if (value === null) return line(key!, start!, end!, null, timeMs)
  const { key: _, window, ...result } = JSON.parse(value) as Record<string, unknown>
  return line(key!, start!, end!, result, timeMs)
}

export const line = (key: string, start: number, end: number, result: object | null, timeMs: number): string =>
  `${key} ${start}..${end} ${result === null ? 'gone' : JSON.stringify(result).replaceAll('"', '')} @${timeMs}`
