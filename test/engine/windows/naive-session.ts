import type { Emission } from '../../../shared/engine/windows/emission.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import type { Expected } from './naive.ts'
import { type Event, line } from './play.ts'

interface Session {
  readonly key: string
  readonly records: readonly Event[]
  /** Bounds under which results of it, or of what it has swallowed, are out. */
  shown: readonly (readonly [start: number, end: number])[]
  dueMs: number | undefined
}

const startOf = ({ records }: Session): number => Math.min(...records.map(({ at }) => at))
const endOf = ({ records }: Session): number => Math.max(...records.map(({ at }) => at))

/** Sessions by their definition: lists of records, joined when one more record reaches them. */
export function naiveSessions(
  gap: number,
  grace: number,
  emission: Emission,
  events: readonly Event[],
  results: (contents: readonly Event[]) => object,
): Expected {
  const outputs: string[] = []
  const everyMs = emission.updates?.everyMs
  let open: Session[] = []
  let now = -1
  let late = 0
  for (const event of events) {
    advance(Math.max(now, event.at))
    take(event)
  }
  advance(END_OF_TIME_MS)
  return { outputs, late, lateWindows: 0, filtered: 0 }

  function take(event: Event): void {
    const reached = open
      .filter((each) => each.key === event.key && endOf(each) >= event.at - gap && startOf(each) <= event.at + gap)
      .sort((a, b) => endOf(a) - endOf(b))
    const dues = reached.flatMap(({ dueMs }) => (dueMs === undefined ? [] : [dueMs]))
    const joined: Session = {
      key: event.key,
      records: [...reached.flatMap(({ records }) => records), event],
      shown: reached.flatMap(({ shown }) => shown),
      dueMs: everyMs ? Math.min(...dues, ...(dues.length === 0 ? [now + everyMs] : [])) : undefined,
    }
    if (closesAt(joined) <= now) {
      late++
      return
    }
    open = [...open.filter((each) => !reached.includes(each)), joined]
    if (everyMs === 0) show(joined, false)
  }

  function advance(to: number): void {
    for (;;) {
      const next = open
        .map((session) => ({ session, atMs: Math.min(closesAt(session), session.dueMs ?? Number.POSITIVE_INFINITY) }))
        .filter(({ atMs }) => atMs <= to)
        .sort(
          (a, b) =>
            a.atMs - b.atMs ||
            (a.session.key < b.session.key
              ? -1
              : a.session.key > b.session.key
                ? 1
                : startOf(a.session) - startOf(b.session)),
        )[0]
      if (next === undefined) break
      const { session, atMs } = next
      const closed = atMs >= closesAt(session)
      if (session.dueMs !== undefined || emission.final) show(session, closed)
      session.dueMs = undefined
      if (closed) open = open.filter((each) => each !== session)
    }
    now = to
  }

  // Out once gap plus grace before stream time, both ends of everything inclusive.
  function closesAt(session: Session): number {
    return endOf(session) + gap + grace + 1
  }

  function show(session: Session, closed: boolean): void {
    const [start, end] = [startOf(session), endOf(session)]
    for (const [a, b] of session.shown) if (a !== start || b !== end) outputs.push(line(session.key, a, b, null, b))
    const marked = emission.final && everyMs !== undefined ? { final: closed } : {}
    outputs.push(line(session.key, start, end, { ...marked, ...results(session.records) }, end))
    session.shown = [[start, end]]
  }
}
