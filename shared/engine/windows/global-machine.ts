import { END_OF_TIME_MS } from '../../time.ts'
import type { Aggregate } from '../aggregates/aggregate.ts'
import type { Context, Machine } from '../machine.ts'
import type { WindowedResult } from './emission.ts'
import type { WindowShape } from './window.ts'

/** `sinceLast`: records since the last result. */
type Cell = readonly [sinceLast: number, maxTimeMs: number, state: unknown]

const ALL = 'w'
const PENDING = 'u'
const window = { start: 0, end: END_OF_TIME_MS }

/** Aggregates per key over everything; triggers say when the newest result goes out. */
export function globalMachine<In>(
  { afterRecords, everyMs }: Extract<WindowShape, { kind: 'global' }>,
  aggregate: Aggregate<In, unknown, object>,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)

  function emit(c: Context<WindowedResult>, [, maxTimeMs, state]: Cell): void {
    c.emit({ key: c.key, window, ...aggregate.result(state) }, maxTimeMs, window)
    c.cells[put](ALL, [0, maxTimeMs, state])
    c.cells.delete(PENDING)
  }

  return {
    onRecord(c, { value, timeMs }) {
      const [since, maxTimeMs, state] = (c.cells.get(ALL) as Cell | undefined) ?? [0, 0, aggregate.initialize()]
      const next: Cell = [since + 1, Math.max(maxTimeMs, timeMs), aggregate.add(state, value, timeMs)]
      if (next[0] >= afterRecords) return emit(c, next)
      c.cells[put](ALL, next)
      if (everyMs !== undefined && c.cells.get(PENDING) === undefined) c.cells.put(PENDING, 1, c.streamTimeMs + everyMs)
    },
    onTimer: (c) => emit(c, c.cells.get(ALL) as Cell),
  }
}
