import { type CellName, decodeCellName, encodeCellName } from '../engine/cell-name.ts'
import type { Key } from '../engine/key.ts'
import type { CellStore, Context, Machine, WindowBounds } from '../engine/machine.ts'
import { NO_WAKE } from '../engine/state.ts'
import { MillraceError } from '../errors.ts'

/** The named pieces of state of the key at hand. Values are JSON; what you get is a copy, what you change must be put. */
export interface Cells {
  get(name: CellName): unknown
  /** `wakeAtMs`: `onTimer` is called once when stream time reaches it. Replaces value and timer. */
  put(name: CellName, value: unknown, wakeAtMs?: number): void
  delete(name: CellName): void
  /** Names and values with from <= name < to, in order. */
  range(from: CellName, to: CellName): [name: CellName, value: unknown][]
}

export interface ProcessContext<Out, K extends Key> {
  readonly key: K
  readonly cells: Cells
  /** Highest event time so far, the event at hand included; epoch ms. */
  readonly streamTimeMs: number
  /** Puts out a result; null deletes what was put out before under this key (and window). `timeMs` is its event time. */
  emit(value: Out | null, timeMs: number, window?: WindowBounds): void
  /** The record comes too late, by so many ms: it goes to the late output. */
  late(byMs: number): void
}

/** A keyed state machine of your own. Pure: same cells, same event, same effects; no clock, no I/O. */
export interface Process<T, Out, K extends Key = Key> {
  /** Change it when stored cells change their meaning: old state is then never read as new. */
  readonly version: string
  onRecord(
    c: ProcessContext<Out, K>,
    record: { readonly value: T; readonly timeMs: number; readonly offset: number },
  ): void
  onTimer?(c: ProcessContext<Out, K>, cell: CellName, timeMs: number): void
}

/** @throws MillraceError `OPTION_INVALID` */
export function processMachine<T, Out, K extends Key>(
  processor: string,
  user: Process<T, Out, K>,
): Machine<unknown, unknown> {
  const where = `processor(${JSON.stringify(processor)}).process()`
  if (typeof user?.onRecord !== 'function')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'onRecord',
      given: typeof user?.onRecord,
      must: 'a function (context, record)',
    })
  if (typeof user.version !== 'string' || user.version === '')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'version',
      given: user.version,
      must: "a text that names what stored cells mean, such as 'v1'",
    })
  return {
    signature: `process(${user.version})`,
    endless: true,
    onRecord: (c, record) => user.onRecord(view<Out, K>(c), record as { value: T; timeMs: number; offset: number }),
    onTimer: (c, id, timeMs) => user.onTimer?.(view<Out, K>(c, timeMs), userName(id), timeMs),
  }
}

function view<Out, K extends Key>(c: Context<unknown>, firedAtMs?: number): ProcessContext<Out, K> {
  return {
    key: c.key as K,
    cells: named(c.cells, firedAtMs),
    streamTimeMs: c.streamTimeMs,
    emit: (value, timeMs, window) => c.emit(value, timeMs, window),
    late: (byMs) => c.late(byMs),
  }
}

/**
 * Cells by name, encoded at every put and decoded at every get: an object that the user goes on changing after `put`
 * would otherwise differ from the one that is read back after a crash.
 */
function named(cells: CellStore, firedAtMs: number | undefined): Cells {
  return {
    get: (name) => copy(cells.get(userId(name))),
    put: (name, value, wakeAtMs = NO_WAKE) => cells.putSized(userId(name), value, checkWake(wakeAtMs, firedAtMs)),
    delete: (name) => cells.delete(userId(name)),
    range: (from, to) => cells.range(userId(from), userId(to)).map(([id, value]) => [userName(id), copy(value)]),
  }
}

const userId = (name: CellName): string => encodeCellName(name)
const userName = (id: string): CellName => decodeCellName(id)
const copy = (value: unknown): unknown => (value === undefined ? undefined : structuredClone(value))

/** A timer that sets one for its own time, or an earlier one, would fire for ever. */
function checkWake(wakeAtMs: number, firedAtMs: number | undefined): number {
  const where = 'cells.put()'
  if (!Number.isSafeInteger(wakeAtMs))
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'wakeAtMs',
      given: wakeAtMs,
      must: 'a whole number of epoch ms',
    })
  if (firedAtMs !== undefined && wakeAtMs !== NO_WAKE && wakeAtMs <= firedAtMs)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'wakeAtMs',
      given: wakeAtMs,
      must: `after ${firedAtMs}, the time of the timer that sets it`,
    })
  return wakeAtMs
}
