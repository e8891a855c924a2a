import type { Aggregate } from '../aggregates/aggregate.ts'
import type { Machine } from '../machine.ts'
import { NO_WAKE } from '../state.ts'
import type { WindowedResult } from './emission.ts'
import { PaneStacks, type Stacks } from './pane-stacks.ts'
import { Panes } from './panes.ts'
import type { WindowShape } from './window.ts'

/** How many records the key has had, and what is kept to merge its next window. */
type Head = readonly [count: number, stacks?: Stacks]
type Placed = { readonly value: unknown; readonly offset: number }
type PlacedState = readonly [maxTimeMs: number, firstOffset: number, state: unknown]

const HEAD = 'h'

/**
 * Aggregates per key over its last records. Records are numbered per key; a pane is a run of numbers that lies wholly
 * inside or outside of every window, and windows are merged from panes as those over time are.
 */
export function lastRecordsMachine<In>(
  { records, every }: Extract<WindowShape, { kind: 'last-records' }>,
  given: Aggregate<In, unknown, object>,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  const aggregate = placed(given as Aggregate<unknown, unknown, object>)
  const allPanes = new Panes(aggregate as Aggregate<unknown, unknown, object>)
  const stacked = new PaneStacks(allPanes, aggregate as Aggregate<unknown, unknown, object>)
  // Windows end at multiples of `every`, and begin this far behind one.
  const beginsBehind = (every - (records % every)) % every

  function paneOf(number: number): number {
    const start = number - (number % every)
    return number - start < beginsBehind ? start : start + beginsBehind
  }

  return {
    onRecord(c, { value, timeMs, offset }) {
      allPanes.of(c.cells)
      const [number, kept] = (c.cells.get(HEAD) as Head | undefined) ?? [0]
      allPanes.add(paneOf(number), { value, offset }, timeMs, NO_WAKE)
      const count = number + 1
      if (count % every !== 0) return c.cells.put(HEAD, kept === undefined ? [count] : [count, kept])
      const { state, stacks } = stacked.merge(Math.max(0, count - records), count, kept)
      const [maxTimeMs, start] = state as PlacedState
      const window = { start, end: offset }
      c.emit({ key: c.key, window, ...aggregate.result(state as PlacedState) }, maxTimeMs, window)
      allPanes.deleteBelow(Math.max(0, count + every - records))
      c.cells.put(HEAD, stacks === undefined ? [count] : [count, stacks])
    },
    onTimer() {},
  }
}

/** The aggregate, with the highest event time and the first offset of what it was given. */
const placed = (inner: Aggregate<unknown, unknown, object>): Aggregate<Placed, PlacedState, object> => ({
  name: inner.name,
  fixedSize: inner.fixedSize,
  initialize: () => [-1, -1, inner.initialize()],
  add: ([max, first, state], { value, offset }, timeMs) => [
    Math.max(max, timeMs),
    first === -1 ? offset : first,
    inner.add(state, value, timeMs),
  ],
  merge: (a, b) => [Math.max(a[0], b[0]), a[1], inner.merge(a[2], b[2])],
  result: ([, , state]) => inner.result(state),
})
