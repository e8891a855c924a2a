import { type Key, keyOfAddress } from '../key.ts'
import type { Aggregate } from './aggregate.ts'
import { idText } from './ids.ts'
import { checkCallback, checkKnown, checkWhole } from './options.ts'

export interface TopKOptions {
  /** Different items that are counted at a time, `k` to 500. Up to so many, counts are exact. Default 10 × k, at least 100. */
  keep?: number
}

export interface Top<Item> {
  /** At most k, most frequent first; of equal counts the lower text first. */
  readonly items: readonly { readonly item: Item; readonly count: number }[]
  /** True: counts are exact. */
  readonly exact: boolean
  /** No count is too low; none is too high by more than this. 0 when exact. */
  readonly error: number
}

/**
 * How often each item came, less `taken`: whenever there are more items than are kept, as much is taken from all of them
 * as makes one of them vanish.
 */
type Frequencies = readonly [taken: number, counts: readonly (readonly [id: string, count: number])[]]

/** So many of the longest items fit into a piece of state. */
const KEEP_LIMIT = 500

/**
 * The `k` most frequent items and how often they came (items are ids as in `countDistinct`).
 *
 * Exact while there are at most `keep` different items. Beyond that Space-Saving, in its mergeable form (Misra–Gries;
 * Agarwal et al., "Mergeable Summaries", https://doi.org/10.1145/2213556.2213562): no count is too low, and none too high
 * by more than records / (keep + 1), however states were merged; each item with more records than that is held. The result
 * says its own error.
 *
 * State: at most `keep` items of at most 256 characters each, and about 20 for each count. Merging is associative
 * and commutative while it is exact; beyond that within the stated error.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`; for a record (it is parked) `CODE_FAILED`: no id
 * @example topK(3, (tx) => tx.merchant)
 */
export function topK<In, const Item extends Key>(
  k: number,
  by: (value: In) => Item,
  options: TopKOptions = {},
): Aggregate<In, Frequencies, Top<Item>> {
  const where = 'topK(k, by, options)'
  checkWhole(where, 'k', k, 1, KEEP_LIMIT)
  checkCallback(where, 'by', by)
  checkKnown(where, options, ['keep'])
  const { keep = Math.min(KEEP_LIMIT, Math.max(100, 10 * k)) } = options
  checkWhole(where, 'keep', keep, k, KEEP_LIMIT)
  return {
    name: `topK(${keep})`,
    fixedSize: false,
    initialize: () => [0, []],
    add([taken, counts], value) {
      const id = idText(by(value))
      const at = counts.findIndex(([held]) => held === id)
      if (at >= 0) return [taken, counts.with(at, [id, counts[at]![1] + 1])]
      return bounded(taken, [...counts, [id, 1]], keep)
    },
    merge([takenA, a], [takenB, b]) {
      const sums = new Map(a)
      for (const [id, count] of b) sums.set(id, (sums.get(id) ?? 0) + count)
      return bounded(takenA + takenB, [...sums], keep)
    },
    result([taken, counts]) {
      const top = counts.toSorted(byFrequency).slice(0, k)
      const items = top.map(([id, count]) => ({ item: keyOfAddress(id) as Item, count: count + taken }))
      return { items, exact: taken === 0, error: taken }
    },
  }
}

function bounded(taken: number, counts: Frequencies[1], keep: number): Frequencies {
  if (counts.length <= keep) return [taken, counts]
  const take = counts.map(([, count]) => count).sort((a, b) => b - a)[keep]!
  const left = counts.flatMap(([id, count]) => (count > take ? [[id, count - take] as const] : []))
  return [taken + take, left]
}

type Counted = readonly [id: string, count: number]
const byFrequency = (a: Counted, b: Counted): number => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)
