import type { Parked } from './parked.ts'
import { type InputRecord, placeOf } from './topology.ts'

/** One result of the windowed stage, as it stands on the topic. */
export interface Spend {
  readonly key: string
  readonly window: { readonly start: number; readonly end: number }
  readonly count: number
  readonly total: number
  readonly ids: { readonly values: readonly string[]; readonly more: number }
}

export interface SpendFates {
  /** By window. */
  readonly outputs: Readonly<Record<string, Spend | string>>
  /** Each source record once per place that it turned up in. */
  readonly all: readonly string[]
}

/** What became of each record, going by what came out. */
export function fatesOfOutputs(
  outputs: readonly Spend[],
  late: readonly string[],
  parked: readonly Parked[],
): SpendFates {
  const byWindow: Record<string, Spend | string> = {}
  const all = late.map(placeOf)
  for (const spend of outputs) {
    const name = `${spend.key}@${spend.window.start}`
    byWindow[name] = name in byWindow ? 'put out twice' : spend
    all.push(...spend.ids.values.map(placeOf))
  }
  for (const { topic, partition, offset, kind } of parked)
    if (kind === 'cell') all.push('a parked cell')
    else if (topic === 'transactions') all.push(`${partition}-${offset}`)
  return { outputs: byWindow, all }
}

const WINDOW = 20_000
const GRACE = 5_000

/** The rule, record by record: a window takes what comes before stream time reaches its end plus grace. */
export function sequentialSpending(input: readonly (readonly InputRecord[])[]): {
  outputs: Record<string, Spend>
  late: string[]
} {
  const outputs: Record<string, Spend> = {}
  const late: string[] = []
  for (const records of input) {
    let streamTime = -1
    for (const { value } of records) {
      const tx = parsed(value)
      if (tx === undefined) continue
      streamTime = Math.max(streamTime, tx.at)
      const start = tx.at - (tx.at % WINDOW)
      if (start + WINDOW + GRACE <= streamTime) late.push(tx.id)
      else if (tx.amount !== 13) {
        const name = `${tx.card}@${start}`
        const { count, total, ids } = outputs[name] ?? { count: 0, total: 0, ids: { values: [], more: 0 } }
        outputs[name] = {
          key: tx.card,
          window: { start, end: start + WINDOW },
          count: count + 1,
          total: total + tx.amount,
          ids: { values: [...ids.values, tx.id], more: 0 },
        }
      }
    }
  }
  return { outputs, late: late.toSorted() }
}

function parsed(text: string): { id: string; card: string; amount: number; at: number } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
