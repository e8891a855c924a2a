import type { Aggregate } from '../aggregates/aggregate.ts'
import type { Context, Machine } from '../machine.ts'
import { NO_WAKE } from '../state.ts'
import type { WindowedResult } from './emission.ts'
import type { WindowShape } from './window.ts'

type Cell = readonly [
  count: number,
  maxTimeMs: number,
  firstOffset: number,
  lastOffset: number,
  goesAtMs: number,
  state: unknown,
]

const OPEN = 'w'

/** Aggregates per key and number of records. One cell per key with a window that is not full. */
export function everyRecordsMachine<In>(
  { records, withinMs }: Extract<WindowShape, { kind: 'every-records' }>,
  aggregate: Aggregate<In, unknown, object>,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)

  function emit(c: Context<WindowedResult>, [, maxTimeMs, start, end, , state]: Cell): void {
    const window = { start, end }
    c.emit({ key: c.key, window, ...aggregate.result(state) }, maxTimeMs, window)
    c.cells.delete(OPEN)
  }

  return {
    onRecord(c, { value, timeMs, offset }) {
      const goesAtMs = withinMs === undefined ? NO_WAKE : c.streamTimeMs + withinMs
      const held = (c.cells.get(OPEN) as Cell | undefined) ?? [0, 0, offset, offset, goesAtMs, aggregate.initialize()]
      const [count, maxTimeMs, first, , at, state] = held
      const next: Cell = [
        count + 1,
        Math.max(maxTimeMs, timeMs),
        first,
        offset,
        at,
        aggregate.add(state, value, timeMs),
      ]
      if (next[0] === records) emit(c, next)
      else c.cells[put](OPEN, next, at)
    },
    onTimer: (c) => emit(c, c.cells.get(OPEN) as Cell),
  }
}
