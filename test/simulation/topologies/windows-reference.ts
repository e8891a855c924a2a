import type { InputRecord } from '../../../local/simulation/topology.ts'
import { type Circumstances, type Forgotten, soundValue } from './records.ts'

/** One result of the windowed stage, as it stands on the topic. */
export interface Spend {
  readonly key: string
  readonly window: { readonly start: number; readonly end: number }
  readonly count: number
  readonly total: number
  readonly ids: { readonly values: readonly string[]; readonly more: number }
}

export interface Transaction {
  readonly id: string
  readonly card: string
  readonly amount: number
  readonly at: number
}

/** What must become of the records of one partition. */
export interface Fates {
  /** By `card@start`. */
  readonly windows: Record<string, Spend>
  /** Ids of records that came too late. */
  readonly late: string[]
  /** Offsets of records that cannot be used. */
  readonly parked: number[]
}

export const WINDOW_MS = 20_000
export const GRACE_MS = 5_000
/** An amount on which the processor's own code throws. */
export const POISON = 13
const STATE_CHARACTERS_MAX = 200 * 1024

/** The rule, record by record: a window takes what comes before stream time reaches its end plus grace. */
export function foldSpending(
  records: readonly InputRecord[],
  { moments, forgotten = [], skipped, killed }: Circumstances,
): Fates {
  const fates: Fates = { windows: {}, late: [], parked: [] }
  let streamTime = -1
  const moveTo = (offset: number) => {
    for (const moment of moments) if (moment.offset === offset) streamTime = Math.max(streamTime, moment.timeMs)
  }
  moveTo(-1)
  for (const [offset, record] of records.entries()) {
    if (!skipped.has(offset)) take(record, offset)
    moveTo(offset)
    for (const each of forgotten) if (each.offset === offset) forget(each)
  }
  return fates

  /** A window that is not out is gone; records that come later begin it anew. */
  function forget({ keys, isOut }: Forgotten): void {
    for (const [name, { key }] of Object.entries(fates.windows))
      if (keys.includes(key) && !isOut(name)) delete fates.windows[name]
  }

  function take(record: InputRecord, offset: number): void {
    const tx = soundValue<Transaction>(record, ({ card }) => card)
    if (tx === undefined || killed.has(offset)) {
      fates.parked.push(offset)
      return
    }
    streamTime = Math.max(streamTime, tx.at)
    const start = tx.at - (tx.at % WINDOW_MS)
    if (start + WINDOW_MS + GRACE_MS <= streamTime) {
      fates.late.push(tx.id)
      return
    }
    const name = `${tx.card}@${start}`
    const { count, total, ids } = fates.windows[name] ?? { count: 0, total: 0, ids: { values: [], more: 0 } }
    const values = [...ids.values, tx.id]
    if (tx.amount === POISON || values.join().length > STATE_CHARACTERS_MAX) fates.parked.push(offset)
    else
      fates.windows[name] = {
        key: tx.card,
        window: { start, end: start + WINDOW_MS },
        count: count + 1,
        total: total + tx.amount,
        ids: { values, more: 0 },
      }
  }
}
