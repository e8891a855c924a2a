import { hopping, session } from './window-computations.ts'

/** A transaction as the topic holds it. */
export interface Transaction {
  readonly id: string
  readonly cardId: string
  readonly amount: number
  readonly merchant: string
  readonly country: string
  readonly at: number
}

/** What a computation puts out for one key. */
export type Emit = (key: string, value: object) => void

/** One computation over one partition, with its state in memory: written by hand, and with nothing to fall back on. */
export interface Computation {
  take(tx: Transaction, offset: number): void
  /** Nothing more will come: what is open is closed. */
  finish(): void
}

/** The same results as the processors of these names, by the name of the topic that they go to. */
export const computations: Readonly<
  Record<string, { topic: string; newComputation: (partition: number, emit: Emit) => Computation }>
> = {
  'large-transactions': { topic: 'large-transactions', newComputation: largeTransactions },
  'card-spend': { topic: 'card-spend', newComputation: cardSpend },
  'fraud-detection': { topic: 'fraud-alerts', newComputation: fraudDetection },
  'bench-hopping': { topic: 'bench-spends', newComputation: hopping },
  'bench-session': { topic: 'bench-spends', newComputation: session },
}

function largeTransactions(_partition: number, emit: Emit): Computation {
  return {
    take(tx) {
      if (tx.amount > 1_000) emit(tx.cardId, tx)
    },
    finish() {},
  }
}

const WINDOW_MS = 300_000
const WINDOW_GRACE_MS = 30_000

function cardSpend(_partition: number, emit: Emit): Computation {
  const windows = new Map<number, Map<string, { count: number; cents: number }>>()
  let streamTime = -1

  function close(start: number): void {
    for (const [key, { count, cents }] of windows.get(start)!) {
      const total = cents / 100
      emit(key, { key, window: { start, end: start + WINDOW_MS }, count, total, mean: total / count })
    }
    windows.delete(start)
  }

  return {
    take({ cardId, amount, at }) {
      if (at > streamTime) {
        streamTime = at
        for (const start of windows.keys()) if (start + WINDOW_MS + WINDOW_GRACE_MS <= streamTime) close(start)
      }
      const start = at - (at % WINDOW_MS)
      if (start + WINDOW_MS + WINDOW_GRACE_MS <= streamTime) return
      const cards = windows.get(start) ?? new Map<string, { count: number; cents: number }>()
      windows.set(start, cards)
      const sum = cards.get(cardId)
      if (sum === undefined) {
        cards.set(cardId, { count: 1, cents: Math.round(amount * 100) })
        return
      }
      sum.count++
      sum.cents += Math.round(amount * 100)
    },
    finish() {
      for (const start of windows.keys()) close(start)
    },
  }
}

const SMALL_BELOW = 100
const LARGE_ABOVE = 1_000
const SMALLS_NEEDED = 3
const ORDER_GRACE_MS = 10_000
const LOOK_EVERY_MS = 1_000

interface CardEvent extends Pick<Transaction, 'id' | 'cardId' | 'amount' | 'at'> {
  readonly offset: number
}

function fraudDetection(partition: number, emit: Emit): Computation {
  const smallsOf = new Map<string, CardEvent[]>()
  let waiting: CardEvent[] = []
  let streamTime = -1
  let lookedAt = 0

  /** Runs the rule over the events before this time, in order of their times. */
  function release(beforeMs: number): void {
    waiting.sort((a, b) => a.at - b.at || a.offset - b.offset)
    const kept = waiting.findIndex(({ at }) => at >= beforeMs)
    const released = kept < 0 ? waiting : waiting.slice(0, kept)
    waiting = kept < 0 ? [] : waiting.slice(kept)
    for (const event of released) apply(event)
  }

  function apply(event: CardEvent): void {
    const smalls = (smallsOf.get(event.cardId) ?? []).filter(({ at }) => event.at - at < WINDOW_MS)
    if (event.amount < SMALL_BELOW) smalls.push(event)
    else if (smalls.length >= SMALLS_NEEDED) {
      emit(event.cardId, alert(partition, smalls, event))
      smalls.length = 0
    }
    if (smalls.length > 0) smallsOf.set(event.cardId, smalls)
    else smallsOf.delete(event.cardId)
  }

  return {
    take({ id, cardId, amount, at }, offset) {
      streamTime = Math.max(streamTime, at)
      if (at < streamTime - ORDER_GRACE_MS) return
      if (amount < SMALL_BELOW || amount > LARGE_ABOVE) waiting.push({ id, cardId, amount, at, offset })
      if (streamTime - lookedAt < LOOK_EVERY_MS) return
      lookedAt = streamTime
      release(streamTime - ORDER_GRACE_MS)
    },
    finish: () => release(Number.POSITIVE_INFINITY),
  }
}

function alert(partition: number, smalls: readonly CardEvent[], large: CardEvent): object {
  const step = (name: string) => {
    return ({ id, amount, at, offset }: CardEvent) => ({ step: name, partition, offset, id, amount, at })
  }
  const cents = [...smalls, large].reduce((sum, { amount }) => sum + Math.round(amount * 100), 0)
  const events = [...smalls.map(step('small')), step('large')(large)]
  return { rule: 'small-then-large', cardId: large.cardId, total: cents / 100, events }
}
