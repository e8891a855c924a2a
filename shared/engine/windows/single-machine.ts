import type { Aggregate } from '../aggregates/aggregate.ts'
import { decodeNumber, encodeNumber } from '../cell-name.ts'
import type { Context, Machine, MachineRecord, WindowBounds } from '../machine.ts'
import { NO_WAKE } from '../state.ts'
import { armUpdate, type Emission, pendingStart, putOut, type WindowedResult } from './emission.ts'
import { checkRoom } from './limits.ts'
import type { WindowShape } from './window.ts'

/** What a window's cell holds: the highest event time inside, and the aggregate's state. */
type Pane = readonly [maxTimeMs: number, state: unknown]
type SingleShape = Extract<WindowShape, { kind: 'single' }>

const PANE = 'w\u0001'

/**
 * Aggregates per key where a record belongs to one window: tumbling, calendar, unlimited. One cell per open window, which
 * wakes when the window closes.
 */
export function singleMachine<In>(
  { graceMs, windowAt }: SingleShape,
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)
  // Most records fall into the same window as the one before: it is not looked up and named again.
  let named: { bounds: WindowBounds; id: string } = { bounds: { start: 0, end: 0 }, id: '' }

  function find(timeMs: number): typeof named | undefined {
    const { start, end } = named.bounds
    if (timeMs >= start && timeMs < end) return named
    const bounds = windowAt(timeMs)
    if (bounds === undefined) return undefined
    named = { bounds, id: PANE + encodeNumber(bounds.start) }
    return named
  }

  const emit = (c: Context<WindowedResult>, bounds: WindowBounds, [maxTimeMs, state]: Pane, closed: boolean) =>
    putOut(c, emission, bounds, aggregate.result(state), maxTimeMs, closed)

  return {
    onRecord(c, { value, timeMs }: MachineRecord<In>) {
      const window = find(timeMs)
      if (window === undefined) return c.skip()
      const { bounds, id } = window
      const closesAtMs = graceMs === undefined ? NO_WAKE : bounds.end + graceMs
      if (graceMs !== undefined && closesAtMs <= c.streamTimeMs) return c.late(c.streamTimeMs - closesAtMs)
      const held = c.cells.get(id) as Pane | undefined
      if (held === undefined) checkRoom(c.cells)
      const pane: Pane =
        held === undefined
          ? [timeMs, aggregate.add(aggregate.initialize(), value, timeMs)]
          : [held[0] > timeMs ? held[0] : timeMs, aggregate.add(held[1], value, timeMs)]
      c.cells[put](id, pane, closesAtMs)
      if (emission.updates === undefined) return
      if (emission.updates.everyMs === 0) emit(c, bounds, pane, false)
      else armUpdate(c, emission, bounds.start, closesAtMs)
    },
    onTimer(c, id) {
      const pending = pendingStart(id)
      const { bounds, id: paneId } = find(decodeNumber(id, 2))!
      const pane = c.cells.get(paneId) as Pane
      if (pending !== undefined || emission.final) emit(c, bounds, pane, pending === undefined)
      c.cells.delete(id)
    },
  }
}
