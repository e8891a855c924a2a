import type { Aggregate } from '../aggregates/aggregate.ts'
import { decodeNumber } from '../cell-name.ts'
import type { Context, Machine, WindowBounds } from '../machine.ts'
import { NO_WAKE } from '../state.ts'
import { armUpdate, type Emission, pendingStart, putOut, type WindowedResult } from './emission.ts'
import type { Overlap } from './overlap.ts'
import { PaneStacks, type Stacks } from './pane-stacks.ts'
import { isPane, Panes } from './panes.ts'
import { statesAround } from './states-around.ts'

/** The cell that wakes when the key's next window closes, and what is kept to merge it. Sorts before updates and panes. */
const HEAD = 'h'
type Head = readonly [nextStart: number, stacks?: Stacks]

const headOf = (nextStart: number, stacks: Stacks | undefined): Head =>
  stacks === undefined ? [nextStart] : [nextStart, stacks]

/**
 * Aggregates per key where a record is in several windows: hopping and sliding. A record is added to its pane alone; the
 * panes of a window are merged when its result goes out. So ten windows that share a record cost the state of one.
 */
export function overlappingMachine<In>(
  overlap: Overlap,
  given: Aggregate<In, unknown, object>,
  emission: Emission,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  const { sizeMs, graceMs, endInclusive } = overlap
  const aggregate = given as Aggregate<unknown, unknown, object>
  const allPanes = new Panes(aggregate)
  const stacked = new PaneStacks(allPanes, aggregate)
  const everyMs = emission.updates?.everyMs
  const closesAt = (start: number): number => start + sizeMs + graceMs
  const boundsOf = (start: number): WindowBounds => ({ start, end: start + sizeMs - (endInclusive ? 1 : 0) })

  function emit(c: Context<WindowedResult>, start: number, state: unknown, maxTimeMs: number, closed: boolean): void {
    putOut(c, emission, boundsOf(start), aggregate.result(state), maxTimeMs, closed)
  }

  function emitUpdate(c: Context<WindowedResult>, start: number, state: unknown): void {
    emit(c, start, state, allPanes.last(start, start + sizeMs)![0], false)
  }

  function expect(c: Context<WindowedResult>, start: number, pane: number): void {
    const head = c.cells.get(HEAD) as Head | undefined
    if (head === undefined) {
      c.cells.put(HEAD, [start], closesAt(start))
      return
    }
    const kept = stacked.changed(head[1], pane)
    if (start >= head[0] && kept === head[1]) return
    const next = Math.min(start, head[0])
    c.cells.put(HEAD, headOf(next, kept), closesAt(next))
  }

  function announce(c: Context<WindowedResult>, timeMs: number, openFrom: number, firstInPane: boolean): void {
    const starts = overlap.changedStarts(allPanes, timeMs, openFrom, firstInPane)
    if (everyMs !== 0) for (const start of starts) armUpdate(c, emission, start, closesAt(start))
    else
      for (const [start, state] of statesAround(allPanes, aggregate, starts, sizeMs, overlap.paneOf(timeMs)))
        emitUpdate(c, start, state)
  }

  function advance(c: Context<WindowedResult>, start: number, stacks: Stacks | undefined): void {
    allPanes.deleteBelow(overlap.neededFrom(start))
    const next = overlap.nextStart(allPanes, start)
    if (next === undefined) c.cells.delete(HEAD)
    else c.cells.put(HEAD, headOf(next, stacks), closesAt(next))
  }

  function close(c: Context<WindowedResult>): void {
    const [start, kept] = c.cells.get(HEAD) as Head
    const { state, maxTimeMs, stacks } = stacked.merge(start, start + sizeMs, kept)
    if (state !== undefined) emit(c, start, state, maxTimeMs, true)
    advance(c, start, stacks)
  }

  function update(c: Context<WindowedResult>, id: string, start: number): void {
    const panes = allPanes.range(start, start + sizeMs).map(([, [, state]]) => state)
    const state = panes.reduce((a, b) => aggregate.merge(a, b))
    emitUpdate(c, start, state)
    c.cells.delete(id)
  }

  return {
    onRecord(c, { value, timeMs }) {
      allPanes.of(c.cells)
      const lastCloseMs = closesAt(overlap.lastStart(timeMs))
      if (lastCloseMs <= c.streamTimeMs) return c.late(c.streamTimeMs - lastCloseMs)
      const openFrom = c.streamTimeMs - sizeMs - graceMs + 1
      const closed = overlap.closedWindows(timeMs, openFrom)
      if (closed > 0) c.lateWindows(closed)
      const pane = overlap.paneOf(timeMs)
      const firstInPane = allPanes.add(
        pane,
        value,
        timeMs,
        emission.final ? NO_WAKE : closesAt(overlap.lastNeeding(timeMs)),
      )
      if (emission.final) expect(c, overlap.openStart(timeMs, openFrom), pane)
      if (everyMs !== undefined) announce(c, timeMs, openFrom, firstInPane)
    },
    onTimer(c, id) {
      allPanes.of(c.cells)
      const pending = pendingStart(id)
      if (id === HEAD) close(c)
      else if (pending !== undefined) update(c, id, decodeNumber(pending))
      else if (isPane(id)) c.cells.delete(id)
    },
    onTimerParked(c, id, value) {
      allPanes.of(c.cells)
      if (id === HEAD) advance(c, (value as Head)[0], undefined)
      return id === HEAD
    },
  }
}
