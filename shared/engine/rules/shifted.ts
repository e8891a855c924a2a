import type { CellStore, Context } from '../machine.ts'

/**
 * The context as a machine inside another sees it: its cells under a prefix, its results handed over instead of put out,
 * and time as it is for events that have waited `lagMs`: `clockMs` now, and timers that much earlier than they fire.
 */
export function shifted<Out>(
  c: Context<unknown>,
  prefix: string,
  lagMs: number,
  clockMs: number,
  take: (value: Out) => void,
): Context<Out> {
  const wake = (wakeAtMs: number | undefined) => (wakeAtMs === undefined || wakeAtMs < 0 ? wakeAtMs : wakeAtMs + lagMs)
  const cells: CellStore = {
    // The cells of all the machines inside, together.
    get size() {
      return c.cells.size
    },
    get: (id) => c.cells.get(prefix + id),
    put: (id, value, wakeAtMs) => c.cells.put(prefix + id, value, wake(wakeAtMs)),
    putSized: (id, value, wakeAtMs) => c.cells.putSized(prefix + id, value, wake(wakeAtMs)),
    wake: (id, wakeAtMs) => c.cells.wake(prefix + id, wake(wakeAtMs)!),
    delete: (id) => c.cells.delete(prefix + id),
    has: (from, to) => c.cells.has(prefix + from, prefix + to),
    count: (from, to) => c.cells.count(prefix + from, prefix + to),
    ids: (from, to, max) => c.cells.ids(prefix + from, prefix + to, max).map((id) => id.slice(prefix.length)),
    range: (from, to) =>
      c.cells.range(prefix + from, prefix + to).map(([id, value]) => [id.slice(prefix.length), value]),
    first: (from, to) => without(c.cells.first(prefix + from, prefix + to)),
    last: (from, to) => without(c.cells.last(prefix + from, prefix + to)),
  }
  function without(found: [id: string, value: unknown] | undefined): [id: string, value: unknown] | undefined {
    return found && [found[0].slice(prefix.length), found[1]]
  }
  return {
    key: c.key,
    cells,
    streamTimeMs: clockMs,
    partition: c.partition,
    topic: c.topic,
    positionOf: (place) => c.positionOf(place),
    settings: c.settings,
    emit: (value) => {
      if (value !== null) take(value)
    },
    retract: () => {},
    late: (byMs) => c.late(byMs),
    repeat: () => c.repeat(),
    lateWindows: (count) => c.lateWindows(count),
    skip: () => c.skip(),
    wantsTimedOut: false,
    timedOut: () => {},
    partialMatchesDropped: (count) => c.partialMatchesDropped(count),
    keptEventsDropped: (count) => c.keptEventsDropped(count),
  }
}
