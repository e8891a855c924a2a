import type { Aggregate } from '../aggregates/aggregate.ts'
import { decodeNumber, encodeNumber } from '../cell-name.ts'
import type { Context, Machine, MachineRecord, WindowBounds } from '../machine.ts'
import { type Emission, emissionSignature } from './emission.ts'
import { type Window, windowStart } from './window.ts'

export interface WindowedResult {
  readonly key: unknown
  readonly window: WindowBounds
  readonly [aggregate: string]: unknown
}

/** What a window's cell holds: the highest event time inside, and the aggregate's state. */
type Pane = readonly [maxTimeMs: number, state: unknown]

const PANE = 'w\u0001'
const PENDING = 'u\u0001'

/** Aggregates per key and tumbling window. One cell per open window, which wakes when the window closes. */
export function tumblingMachine<In>(
  window: Window,
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
): Machine<In, WindowedResult> {
  const { sizeMs, graceMs } = window
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)
  // Most records fall into the same window as the one before: its name is not made again.
  let named = { start: -1, id: '' }

  function paneId(start: number): string {
    if (start !== named.start) named = { start, id: PANE + encodeNumber(start) }
    return named.id
  }

  function emit(c: Context<WindowedResult>, start: number, [maxTimeMs, state]: Pane): void {
    const bounds = { start, end: start + sizeMs }
    c.emit({ key: c.key, window: bounds, ...aggregate.result(state) }, maxTimeMs, bounds)
  }

  function announce(c: Context<WindowedResult>, start: number, pane: Pane): void {
    const everyMs = emission.updates!.everyMs
    const pending = PENDING + encodeNumber(start)
    if (everyMs === 0) emit(c, start, pane)
    else if (c.cells.get(pending) === undefined) c.cells.put(pending, 1, c.streamTimeMs + everyMs)
  }

  function close(c: Context<WindowedResult>, start: number, pane: Pane): void {
    const pending = PENDING + encodeNumber(start)
    if (emission.final || c.cells.get(pending) !== undefined) emit(c, start, pane)
    c.cells.delete(pending)
    c.cells.delete(PANE + encodeNumber(start))
  }

  return {
    signature: `window(${window.signature};${aggregate.name};${emissionSignature(emission)})`,
    onRecord(c, { value, timeMs }: MachineRecord<In>) {
      const start = windowStart(timeMs, sizeMs)
      const closesAtMs = start + sizeMs + graceMs
      if (closesAtMs <= c.streamTimeMs) return c.late(c.streamTimeMs - closesAtMs)
      const id = paneId(start)
      const held = c.cells.get(id) as Pane | undefined
      const pane: Pane =
        held === undefined
          ? [timeMs, aggregate.add(aggregate.initialize(), value, timeMs)]
          : [held[0] > timeMs ? held[0] : timeMs, aggregate.add(held[1], value, timeMs)]
      c.cells[put](id, pane, closesAtMs)
      if (emission.updates !== undefined) announce(c, start, pane)
    },
    onTimer(c, id) {
      const start = decodeNumber(id.slice(2))
      const pane = c.cells.get(PANE + encodeNumber(start)) as Pane
      if (id.startsWith(PANE)) return close(c, start, pane)
      emit(c, start, pane)
      c.cells.delete(id)
    },
  }
}
