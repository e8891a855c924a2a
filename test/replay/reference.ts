import type { Payment } from './day.ts'

// Windows as a batch job would have them: each partition is a finished list; assign, group, fold, sort.

/** A record with what is known of it once its partition is read: its place, and stream time when it came. */
export interface Arrived extends Payment {
  readonly offset: number
  readonly now: number
}

/** A result: of which records, and when it goes out. */
export interface Outcome {
  readonly key: string
  readonly start: number
  readonly end: number
  readonly records: readonly Arrived[]
  /** How many records of the partition come before it. */
  readonly after: number
  /** The stream time that made it due; -1: a record did. */
  readonly dueMs: number
}

export interface Expected {
  readonly outcomes: Outcome[]
  readonly late: number
  readonly lateWindows: number
  readonly filtered: number
}

export type Bounds = readonly [start: number, end: number]

export function arrived(payments: readonly Payment[]): Arrived[] {
  let now = -1
  return payments.map((payment, offset) => {
    now = Math.max(now, payment.at)
    return { ...payment, offset, now }
  })
}

export function byCard(list: readonly Arrived[]): Map<string, Arrived[]> {
  const cards = new Map<string, Arrived[]>()
  for (const record of list) {
    const held = cards.get(record.cardId)
    if (held === undefined) cards.set(record.cardId, [record])
    else held.push(record)
  }
  return cards
}

/** How many records come before stream time reaches `dueMs`. */
export const reachedAfter = (list: readonly Arrived[], dueMs: number): number =>
  countBelow(list, ({ now }) => now, dueMs)

/** How many of a list that is sorted by `of` are below `limit`. */
function countBelow<T>(list: readonly T[], of: (each: T) => number, limit: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (of(list[middle]!) >= limit) high = middle
    else low = middle + 1
  }
  return low
}

/** In the order in which results go out: by time that is due, then key, then start; then what the record itself brings. */
export const inOrder = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.toSorted(
    (a, b) => a.after - b.after || a.dueMs - b.dueMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.start - b.start),
  )

export const lineOf = ({ key, start, end, records }: Outcome): string => {
  const cents = records.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0)
  const largest = records.reduce((most, { amount }) => Math.max(most, amount), 0)
  const merchants = new Set(records.map(({ merchant }) => merchant)).size
  const newest = records.reduce((most, { at }) => Math.max(most, at), 0)
  return `${key} ${start}..${end} ${records.length} ${cents} ${largest} ${merchants} @${newest}`
}

/** Windows whose bounds are known beforehand, ends exclusive. */
export function fixed(list: readonly Arrived[], boundsOf: (at: number) => Bounds[], graceMs: number): Expected {
  const windows = new Map<string, { key: string; bounds: Bounds; records: Arrived[] }>()
  let late = 0
  let lateWindows = 0
  for (const record of list) {
    const all = boundsOf(record.at)
    const open = all.filter(([, end]) => end + graceMs > record.now)
    if (open.length === 0) late++
    else lateWindows += all.length - open.length
    for (const bounds of open) {
      const name = `${record.cardId} ${bounds[0]}`
      const window = windows.get(name) ?? { key: record.cardId, bounds, records: [] }
      windows.set(name, window)
      window.records.push(record)
    }
  }
  const outcomes = [...windows.values()].map(({ key, bounds: [start, end], records }) => {
    const dueMs = end + graceMs
    return { key, start, end, records, dueMs, after: reachedAfter(list, dueMs) }
  })
  return { outcomes, late, lateWindows, filtered: 0 }
}

/** One window per set of records that fits into `difference`, both ends inclusive. */
export function sliding(list: readonly Arrived[], difference: number, graceMs: number): Expected {
  const isClosed = (start: number, now: number) => start + difference < now - graceMs
  const taken = list.filter(({ at, now }) => !isClosed(at, now))
  const lateWindows = taken.filter(({ at, now }) => isClosed(at - difference, now)).length
  const outcomes: Outcome[] = []
  for (const [key, records] of byCard(taken)) {
    const ends = records.filter(({ at, now }) => !isClosed(at - difference, now)).map(({ at }) => at - difference)
    const begins = records.map(({ at }) => at + 1)
    const sorted = records.toSorted((a, b) => a.at - b.at)
    const before = (timeMs: number) => countBelow(sorted, ({ at }) => at, timeMs)
    for (const start of new Set([...ends, ...begins])) {
      const end = start + difference
      const inside = sorted.slice(before(start), before(end + 1)).filter(({ now }) => !isClosed(start, now))
      const dueMs = end + graceMs + 1
      if (inside.length > 0)
        outcomes.push({ key, start, end, records: inside, dueMs, after: reachedAfter(list, dueMs) })
    }
  }
  return { outcomes, late: list.length - taken.length, lateWindows, filtered: 0 }
}

interface Session {
  readonly start: number
  readonly end: number
  readonly records: readonly Arrived[]
}

/** Records of a card at most a gap apart, both ends inclusive. */
export function sessions(list: readonly Arrived[], gapMs: number, graceMs: number): Expected {
  const closesAt = ({ end }: Session) => end + gapMs + graceMs + 1
  const closed: (Session & { key: string })[] = []
  let late = 0
  for (const [key, records] of byCard(list)) {
    let open: Session[] = []
    const close = (dueBy: number) => {
      for (const session of open) if (closesAt(session) <= dueBy) closed.push({ key, ...session })
      open = open.filter((session) => closesAt(session) > dueBy)
    }
    for (const record of records) {
      const { at, now } = record
      close(now)
      const reached = open.filter(({ start, end }) => at >= start - gapMs && at <= end + gapMs)
      const joined = reached.reduce((a, b) => join(a, b), { start: at, end: at, records: [record] })
      if (closesAt(joined) <= now) late++
      else open = [...open.filter((each) => !reached.includes(each)), joined]
    }
    close(Number.POSITIVE_INFINITY)
  }
  const outcomes = closed.map((session) => {
    const dueMs = closesAt(session)
    return { ...session, dueMs, after: reachedAfter(list, dueMs) }
  })
  return { outcomes, late, lateWindows: 0, filtered: 0 }
}

const join = (a: Session, b: Session): Session => ({
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
  records: a.records.concat(b.records),
})
