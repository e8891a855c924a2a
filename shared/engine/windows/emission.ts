import { encodeNumber } from '../cell-name.ts'
import type { Context, WindowBounds } from '../machine.ts'
import { NO_WAKE } from '../state.ts'

/** When results go out. With both, results say in `final` which they are. */
export interface Emission {
  /** On close. */
  readonly final: boolean
  /** After a change: at once, or at most one per key and window in `everyMs` of event time, the newest. */
  readonly updates: { readonly everyMs: number } | undefined
}

/** What a window puts out. */
export interface WindowedResult {
  readonly key: unknown
  readonly window: WindowBounds
  readonly [aggregate: string]: unknown
}

/** Names the emission within the state's signature: pending updates are state. */
export const emissionSignature = ({ final, updates }: Emission): string =>
  `${final ? 'final' : ''}${updates === undefined ? '' : `updates(${updates.everyMs})`}`

/** Sorts before the cells of windows (`w`): an update that is due when its window closes goes out before the close. */
const PENDING = 'u\u0001'

/** The window whose pending update the cell is; undefined for another cell. */
export const pendingStart = (id: string): string | undefined => (id.startsWith(PENDING) ? id.slice(2) : undefined)

/**
 * Notes that the window has changed: its newest result is to go out `everyMs` after the first change since the last one,
 * and no later than the close. A final result at the close makes that last update needless.
 */
export function armUpdate(
  c: Context<WindowedResult>,
  { final, updates }: Emission,
  start: number,
  closesAtMs: number,
): void {
  const dueMs = c.streamTimeMs + updates!.everyMs
  const ends = closesAtMs !== NO_WAKE && dueMs >= closesAtMs
  if (ends && final) return
  const id = PENDING + encodeNumber(start)
  if (c.cells.get(id) === undefined) c.cells.put(id, 1, ends ? closesAtMs : dueMs)
}

/** Puts out the result of a window. */
export function putOut(
  c: Context<WindowedResult>,
  emission: Emission,
  window: WindowBounds,
  result: object,
  timeMs: number,
  closed: boolean,
): void {
  c.emit(windowed(c, emission, window, result, closed), timeMs, window)
}

/** Deletes the result that is out for a window; `result`: what it has become part of. */
export function takeBack(
  c: Context<WindowedResult>,
  emission: Emission,
  window: WindowBounds,
  result: object,
  timeMs: number,
): void {
  c.retract(windowed(c, emission, window, result, false), timeMs, window)
}

const windowed = (
  { key }: Context<WindowedResult>,
  { final, updates }: Emission,
  window: WindowBounds,
  result: object,
  closed: boolean,
): WindowedResult =>
  final && updates !== undefined ? { key, window, final: closed, ...result } : { key, window, ...result }
