import type { Emission } from '../../../shared/engine/windows/emission.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { type Event, line } from './play.ts'

/**
 * Windows over event time by their definition, without any cleverness: all records are kept, and after every step each
 * window's contents are computed anew from the list.
 */
export interface NaiveWindows {
  /**
   * What a record at `timeMs` that comes when stream time is `now` belongs to: open windows, and how many are closed;
   * undefined where there is no window at all.
   */
  take(timeMs: number, now: number): { taken: boolean; late: number } | undefined
  /** All windows that there are by the records of a key taken so far. */
  windowsOf(records: readonly Taken[]): NaiveWindow[]
  /** The first stream time at which a window is closed. */
  closesAt(window: Bounds): number
  /** In which order contents are folded. */
  order(records: readonly Taken[]): readonly Taken[]
  /** Of an early and a final result of one key at the same moment, which goes out first. */
  first: 'early' | 'final'
}
export interface Bounds {
  readonly start: number
  readonly end: number
}
export interface NaiveWindow extends Bounds {
  readonly contents: readonly Taken[]
}
export interface Taken extends Event {
  /** Stream time when it came. */
  readonly now: number
}

export interface Expected {
  readonly outputs: string[]
  readonly late: number
  readonly lateWindows: number
  /** Records that no window holds. */
  readonly filtered: number
}

type Moment = { atMs: number; key: string; start: number; kind: 'early' | 'final' }
type Results = (contents: readonly Taken[]) => object

/** What a processor with these windows puts out. */
export function naive(rule: NaiveWindows, emission: Emission, events: readonly Event[], results: Results): Expected {
  const outputs: string[] = []
  const taken = new Map<string, Taken[]>()
  const dues = new Map<string, number>()
  let now = -1
  let late = 0
  let lateWindows = 0
  let filtered = 0
  for (const event of events) {
    advance(Math.max(now, event.at))
    const fate = rule.take(event.at, now)
    if (fate === undefined) filtered++
    else if (!fate.taken) late++
    else {
      lateWindows += fate.late
      add(event)
    }
  }
  advance(END_OF_TIME_MS)
  return { outputs, late, lateWindows, filtered }

  function add(event: Event): void {
    const before = taken.get(event.key) ?? []
    const after = [...before, { ...event, now }]
    taken.set(event.key, after)
    if (emission.updates === undefined) return
    const old = new Map(rule.windowsOf(before).map((window) => [window.start, window.contents.length]))
    const changed = rule
      .windowsOf(after)
      .filter((window) => rule.closesAt(window) > now && window.contents.length !== old.get(window.start))
      .sort((a, b) => a.start - b.start)
    for (const window of changed) {
      const dueMs = now + emission.updates.everyMs
      const id = `${event.key}/${window.start}`
      if (emission.updates.everyMs === 0) emit(event.key, window, 'early')
      else if (!dues.has(id) && !(emission.final && dueMs >= rule.closesAt(window)))
        dues.set(id, Math.min(dueMs, rule.closesAt(window)))
    }
  }

  /** What falls due on the way, in the order of time, then key. */
  function advance(to: number): void {
    const moments: Moment[] = [...dues].map(([id, atMs]) => ({
      atMs,
      key: id.split('/')[0]!,
      start: Number(id.split('/')[1]),
      kind: 'early',
    }))
    if (emission.final)
      for (const [key, records] of taken)
        for (const window of rule.windowsOf(records)) {
          const atMs = rule.closesAt(window)
          if (atMs > now) moments.push({ atMs, key, start: window.start, kind: 'final' })
        }
    for (const moment of moments.filter(({ atMs }) => atMs <= to).sort(compare)) {
      const window = rule.windowsOf(taken.get(moment.key)!).find(({ start }) => start === moment.start)!
      emit(moment.key, window, moment.kind)
      if (moment.kind === 'early') dues.delete(`${moment.key}/${moment.start}`)
    }
    now = to
  }

  function compare(a: Moment, b: Moment): number {
    if (a.atMs !== b.atMs) return a.atMs - b.atMs
    if (a.key !== b.key) return a.key < b.key ? -1 : 1
    if (a.kind !== b.kind) return a.kind === rule.first ? -1 : 1
    return a.start - b.start
  }

  function emit(key: string, { start, end, contents }: NaiveWindow, kind: 'early' | 'final'): void {
    const marked = emission.final && emission.updates !== undefined ? { final: kind === 'final' } : {}
    const result = { ...marked, ...results(rule.order(contents)) }
    outputs.push(line(key, start, end, result, Math.max(...contents.map(({ at }) => at))))
  }
}

const asTheyCame = (records: readonly Taken[]): readonly Taken[] => records

/** Windows that begin at multiples of `advance`. */
export function naiveHopping(size: number, advance: number, grace: number): NaiveWindows {
  const closesAt = ({ end }: Bounds): number => end + grace
  const boundsOf = (timeMs: number): Bounds[] =>
    Array.from({ length: timeMs + 1 }, (_, start) => ({ start, end: start + size })).filter(
      ({ start, end }) => start % advance === 0 && start <= timeMs && timeMs < end,
    )
  // Within a pane, between any two multiples of the advance, or of it plus the size, order is that of arrival.
  const pane = (timeMs: number): number => Math.floor(timeMs / advance) + Math.floor((timeMs - size) / advance)
  return {
    closesAt,
    take(timeMs, now) {
      const all = boundsOf(timeMs)
      const late = all.filter((bounds) => closesAt(bounds) <= now).length
      return { taken: late < all.length, late }
    },
    windowsOf(records) {
      const bounds = new Map(records.flatMap(({ at }) => boundsOf(at)).map((each) => [each.start, each]))
      return [...bounds.values()].flatMap((each) =>
        filled(
          each,
          records.filter(({ at, now }) => at >= each.start && at < each.end && now < closesAt(each)),
        ),
      )
    },
    order: (records) => [...records].sort((a, b) => pane(a.at) - pane(b.at)),
    first: 'final',
  }
}

/** One window per distinct set of records that fits into `difference`, both ends inclusive. */
export function naiveSliding(difference: number, grace: number): NaiveWindows {
  const closesAt = ({ end }: Bounds): number => end + grace + 1
  const from = (start: number): Bounds => ({ start, end: start + difference })
  const left = (timeMs: number): Bounds => from(timeMs < difference ? 0 : timeMs - difference)
  return {
    closesAt,
    take: (timeMs, now) => ({
      taken: !(timeMs + difference < now - grace),
      late: closesAt(left(timeMs)) <= now ? 1 : 0,
    }),
    windowsOf(records) {
      const made = records.flatMap(({ at, now }) => [...(closesAt(left(at)) > now ? [left(at)] : []), from(at + 1)])
      const bounds = new Map(made.map((each) => [each.start, each]))
      return [...bounds.values()].flatMap((each) =>
        filled(
          each,
          records.filter(({ at, now }) => at >= each.start && at <= each.end && now < closesAt(each)),
        ),
      )
    },
    order: (records) => [...records].sort((a, b) => a.at - b.at),
    first: 'final',
  }
}

/** Windows given by bounds that touch. `grace` undefined: they never close. */
export function naiveSingle(boundsAt: (timeMs: number) => Bounds | undefined, grace: number | undefined): NaiveWindows {
  const closesAt = ({ end }: Bounds): number => (grace === undefined ? Number.POSITIVE_INFINITY : end + grace)
  return {
    closesAt,
    take(timeMs, now) {
      const bounds = boundsAt(timeMs)
      return bounds && { taken: closesAt(bounds) > now, late: 0 }
    },
    windowsOf(records) {
      const bounds = new Map(records.map(({ at }) => boundsAt(at)!).map((each) => [each.start, each]))
      return [...bounds.values()].flatMap((each) =>
        filled(
          each,
          records.filter(({ at }) => at >= each.start && at < each.end),
        ),
      )
    },
    order: asTheyCame,
    first: 'early',
  }
}

const filled = (bounds: Bounds, contents: readonly Taken[]): NaiveWindow[] =>
  contents.length === 0 ? [] : [{ ...bounds, contents }]
