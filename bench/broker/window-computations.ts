import type { Computation, Emit, Transaction } from './computations.ts'

const MINUTE_MS = 60_000
const GRACE_MS = 30_000
const SIZE_MS = 10 * MINUTE_MS
const ADVANCE_MS = MINUTE_MS
const GAP_MS = 30 * MINUTE_MS

interface Sum {
  count: number
  cents: number
}

const addTo = (sum: Sum, amount: number): void => {
  sum.count++
  sum.cents += Math.round(amount * 100)
}

function emitSum(emit: Emit, key: string, start: number, end: number, { count, cents }: Sum): void {
  const total = cents / 100
  emit(key, { key, window: { start, end }, count, total, mean: total / count })
}

/** Ten minutes by one: each record is added to ten sums. */
export function hopping(_partition: number, emit: Emit): Computation {
  const windows = new Map<number, Map<string, Sum>>()
  let streamTime = -1
  const isClosed = (start: number) => start + SIZE_MS + GRACE_MS <= streamTime

  function close(start: number): void {
    for (const [key, sum] of windows.get(start)!) emitSum(emit, key, start, start + SIZE_MS, sum)
    windows.delete(start)
  }

  return {
    take({ cardId, amount, at }: Transaction) {
      if (at > streamTime) {
        streamTime = at
        for (const start of windows.keys()) if (isClosed(start)) close(start)
      }
      for (let start = at - (at % ADVANCE_MS); start >= 0 && start > at - SIZE_MS; start -= ADVANCE_MS) {
        if (isClosed(start)) continue
        const cards = windows.get(start) ?? new Map<string, Sum>()
        windows.set(start, cards)
        const sum = cards.get(cardId) ?? { count: 0, cents: 0 }
        cards.set(cardId, sum)
        addTo(sum, amount)
      }
    },
    finish() {
      for (const start of windows.keys()) close(start)
    },
  }
}

interface Session extends Sum {
  start: number
  end: number
}

/** Half an hour of silence ends a session; it is looked for once a minute. */
export function session(_partition: number, emit: Emit): Computation {
  const open = new Map<string, Session[]>()
  let streamTime = -1
  let lookedAt = 0
  const isClosed = ({ end }: { end: number }) => end + GAP_MS + GRACE_MS < streamTime

  function close(which: (session: Session) => boolean): void {
    for (const [key, sessions] of open) {
      for (const each of sessions.filter(which)) emitSum(emit, key, each.start, each.end, each)
      const left = sessions.filter((each) => !which(each))
      if (left.length > 0) open.set(key, left)
      else open.delete(key)
    }
  }

  return {
    take({ cardId, amount, at }: Transaction) {
      streamTime = Math.max(streamTime, at)
      if (streamTime - lookedAt >= MINUTE_MS) {
        lookedAt = streamTime
        close(isClosed)
      }
      const sessions = open.get(cardId) ?? []
      const reached = sessions.filter((each) => !isClosed(each) && each.start <= at + GAP_MS && each.end >= at - GAP_MS)
      const joined: Session = { start: at, end: at, count: 0, cents: 0 }
      for (const { start, end, count, cents } of reached) {
        joined.start = Math.min(joined.start, start)
        joined.end = Math.max(joined.end, end)
        joined.count += count
        joined.cents += cents
      }
      if (isClosed(joined)) return
      addTo(joined, amount)
      open.set(cardId, [...sessions.filter((each) => !reached.includes(each)), joined])
    },
    finish: () => close(() => true),
  }
}
