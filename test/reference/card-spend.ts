import type { Transaction } from './judge.ts'

/** Length of a window, in milliseconds. */
export const WINDOW_MS = 300_000

/** Milliseconds of stream time a window waits for late records after its end. */
export const WINDOW_GRACE_MS = 30_000

/** Start of the window [start, start + 5 minutes) that holds an event time; both in epoch milliseconds. */
export function windowStart(at: number): number {
  return Math.floor(at / WINDOW_MS) * WINDOW_MS
}

/** Whether the window is closed at this stream time: its end plus the grace is reached. */
export function isClosed(start: number, streamTime: number): boolean {
  return start + WINDOW_MS + WINDOW_GRACE_MS <= streamTime
}

/** Hundredths of an amount, as a whole number that adds up without error. */
export function toCents(amount: number): number {
  return Math.round(amount * 100)
}

interface Sum {
  count: number
  cents: number
  lastAt: number
}

/** What a card spent in a window; `window` is [start, end) in epoch milliseconds. */
export interface CardSpendRecord {
  readonly key: string
  readonly value: {
    readonly key: string
    readonly window: { readonly start: number; readonly end: number }
    readonly count: number
    readonly total: number
    readonly mean: number
  }
  readonly timestamp: number
}

/** The windows of one partition. */
export class CardSpendWindows {
  /** Records dropped because their window was closed. */
  late = 0
  readonly #open = new Map<number, Map<string, Sum>>()

  /** Folds a record in, or counts it as late; `streamTime` includes the record. */
  add({ cardId, amount, at }: Transaction, streamTime: number): void {
    const start = windowStart(at)
    if (isClosed(start, streamTime)) {
      this.late++
      return
    }
    const cards = this.#cardsOf(start)
    const sum = cards.get(cardId)
    if (sum === undefined) {
      cards.set(cardId, { count: 1, cents: toCents(amount), lastAt: at })
      return
    }
    sum.count++
    sum.cents += toCents(amount)
    sum.lastAt = Math.max(sum.lastAt, at)
  }

  #cardsOf(start: number): Map<string, Sum> {
    const cards = this.#open.get(start) ?? new Map<string, Sum>()
    this.#open.set(start, cards)
    return cards
  }

  /** Takes the results of the windows closed at this stream time; Infinity closes them all. */
  *takeClosed(streamTime: number): Generator<CardSpendRecord> {
    for (const [start, cards] of this.#open) {
      if (!isClosed(start, streamTime)) continue
      for (const [cardId, sum] of cards) yield result(cardId, start, sum)
      this.#open.delete(start)
    }
  }
}

function result(key: string, start: number, { count, cents, lastAt }: Sum): CardSpendRecord {
  const total = cents / 100
  const value = { key, window: { start, end: start + WINDOW_MS }, count, total, mean: total / count }
  return { key, value, timestamp: lastAt }
}
