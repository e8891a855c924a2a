import { makerOf } from '../../local/feed/makers.ts'
import { partitionFor } from '../../shared/sinks/partitioner.ts'
import { mulberry32 } from '../reference/random.ts'

/** The first ms of the day: clocks in Berlin go forward an hour into it. */
export const DAY_MS = Date.UTC(2026, 2, 29)
export const NOON_MS = DAY_MS + 12 * 3_600_000
const LENGTH_MS = 24 * 3_600_000

const DELAY_MS_MAX = 120_000

/** A transaction as the laptop's generator makes it. */
export type Payment = {
  readonly id: string
  readonly cardId: string
  readonly amount: number
  readonly merchant: string
  readonly at: number
}

/**
 * A day of transactions of 200 cards, a few of which are hot, by partition, in the order in which they arrive: evenly spread over the day, most of them within
 * seconds, the last two minutes late. The same ones for a seed.
 */
export function dayOfPayments(seed: number, records: number, partitions: number): Payment[][] {
  const next = makerOf('transactions', seed)
  const random = mulberry32(seed)
  const all = Array.from({ length: records }, (_, n) => {
    const made = next(DAY_MS + Math.floor((n * LENGTH_MS) / records)) as unknown as Payment
    const payment = { ...made, cardId: made.cardId.slice(0, -2) }
    return { payment, arrivesMs: payment.at + DELAY_MS_MAX * random() ** 8 }
  })
  const lists: Payment[][] = Array.from({ length: partitions }, () => [])
  for (const { payment } of all.sort((a, b) => a.arrivesMs - b.arrivesMs))
    lists[partitionFor(payment.cardId, partitions)]!.push(payment)
  return lists
}
