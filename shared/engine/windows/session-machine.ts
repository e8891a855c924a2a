import type { Aggregate } from '../aggregates/aggregate.ts'
import { decodeNumber, encodeNumber } from '../cell-name.ts'
import type { Context, Machine, WindowBounds } from '../machine.ts'
import { type Emission, putOut, takeBack, type WindowedResult } from './emission.ts'
import { checkRoom } from './limits.ts'
import type { WindowShape } from './window.ts'

/**
 * What a session's cell holds, named by its start. `shown`: bounds under which results of it, or of sessions that it has
 * swallowed, are out. `dueMs`: when its newest result is to go out; -1: nothing new.
 */
type Cell = readonly [endMs: number, state: unknown, shown?: readonly Span[], dueMs?: number]
type Span = readonly [startMs: number, endMs: number]
type Found = readonly [id: string, cell: Cell]

const SESSION = 'w\u0001'
/** Above every session's name. */
const END = 'w\u0002'
const sessionId = (startMs: number): string => SESSION + encodeNumber(startMs)
const startOf = (id: string): number => decodeNumber(id, SESSION.length)
const NOT_DUE = -1

/** Aggregates per key and session. One cell per open session, which wakes when a result is due or the session closes. */
export function sessionMachine<In>(
  { gapMs, graceMs }: Extract<WindowShape, { kind: 'session' }>,
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)
  const everyMs = emission.updates?.everyMs
  // The end is inclusive, and a record exactly a gap away still belongs.
  const closesAt = (endMs: number): number => endMs + gapMs + graceMs + 1

  /** The sessions that a record at `timeMs` reaches, by time: two at the most, since sessions are more than a gap apart. */
  function reached(c: Context<WindowedResult>, timeMs: number): Found[] {
    const newest = c.cells.last(SESSION, END) as Found | undefined
    if (newest === undefined) return []
    // Mostly a record is not before the start of the newest: then it reaches no other.
    if (timeMs >= startOf(newest[0])) return newest[1][0] < timeMs - gapMs ? [] : [newest]
    const found: Found[] = []
    let below = sessionId(timeMs + gapMs + 1)
    for (;;) {
      const last = c.cells.last(SESSION, below) as Found | undefined
      if (last === undefined || last[1][0] < timeMs - gapMs) return found
      found.unshift(last)
      below = last[0]
    }
  }

  /** Takes back what is out under other bounds, then puts out the session as it is. */
  function show(c: Context<WindowedResult>, startMs: number, [endMs, state, shown]: Cell, closed: boolean): void {
    const bounds: WindowBounds = { start: startMs, end: endMs }
    const result = aggregate.result(state)
    for (const [start, end] of shown ?? [])
      if (start !== startMs || end !== endMs) takeBack(c, emission, { start, end }, result, end)
    putOut(c, emission, bounds, result, endMs, closed)
  }

  function keep(c: Context<WindowedResult>, id: string, cell: Cell): void {
    const closesAtMs = closesAt(cell[0])
    const dueMs = cell[3] ?? NOT_DUE
    c.cells[put](id, cell, dueMs === NOT_DUE ? closesAtMs : Math.min(dueMs, closesAtMs))
  }

  function changed(c: Context<WindowedResult>, id: string, cell: Cell, found: readonly Found[]): void {
    if (everyMs === undefined) {
      keep(c, id, cell)
      return
    }
    const startMs = startOf(id)
    const [endMs, state] = cell
    const shown = found.flatMap(([, each]) => each[2] ?? [])
    if (everyMs === 0) {
      show(c, startMs, [endMs, state, shown], false)
      keep(c, id, [endMs, state, [[startMs, endMs]]])
      return
    }
    const dues = found.flatMap(([, each]) => ((each[3] ?? NOT_DUE) === NOT_DUE ? [] : [each[3]!]))
    keep(c, id, [endMs, state, shown, dues.length > 0 ? Math.min(...dues) : c.streamTimeMs + everyMs])
  }

  return {
    onRecord(c, { value, timeMs }) {
      const found = reached(c, timeMs)
      const first = found[0]
      let endMs = timeMs
      for (const [, cell] of found) if (cell[0] > endMs) endMs = cell[0]
      if (closesAt(endMs) <= c.streamTimeMs) return c.late(c.streamTimeMs - closesAt(endMs))
      if (first === undefined) checkRoom(c.cells)
      let state = first === undefined ? aggregate.initialize() : first[1][1]
      for (let i = 1; i < found.length; i++) state = aggregate.merge(state, found[i]![1][1])
      const id = first === undefined || startOf(first[0]) > timeMs ? sessionId(timeMs) : first[0]
      for (const [old] of found) if (old !== id) c.cells.delete(old)
      changed(c, id, [endMs, aggregate.add(state, value, timeMs)], found)
    },
    onTimer(c, id, timeMs) {
      const startMs = startOf(id)
      const cell = c.cells.get(id) as Cell
      const [endMs, state, , dueMs = NOT_DUE] = cell
      const closed = timeMs >= closesAt(endMs)
      if (dueMs !== NOT_DUE || emission.final) show(c, startMs, cell, closed)
      if (closed) c.cells.delete(id)
      else keep(c, id, [endMs, state, [[startMs, endMs]]])
    },
  }
}
