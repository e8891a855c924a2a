/**
 * DDSketch (https://arxiv.org/abs/1908.10693): counts of numbers in bins whose borders grow by a constant factor, so that
 * any number of a bin stands for all of it within a relative accuracy. When more bins are used than fit, neighbours are
 * joined in pairs everywhere (UDDSketch, https://arxiv.org/abs/2004.08604): the same bins come of the same numbers,
 * whatever their order and however sketches were merged.
 */
export type Sketch = readonly [level: number, negative: Bins, zeros: number, positive: Bins, min: number, max: number]

/** Bins that are not empty, by index: index, count, index, count, … */
type Bins = readonly number[]

/** Used bins of both signs together. */
export const BINS_MAX = 1_024

export const emptySketch: Sketch = [0, [], 0, [], 0, 0]

const isEmpty = ([, negative, zeros, positive]: Sketch): boolean =>
  zeros === 0 && negative.length === 0 && positive.length === 0

/** `logFactor`: the logarithm of the factor between borders, see {@link logFactorOf}. */
export function addNumber(sketch: Sketch, n: number, logFactor: number): Sketch {
  const [level, negative, zeros, positive, min, max] = sketch
  const first = isEmpty(sketch)
  const low = first ? n + 0 : Math.min(min, n)
  const high = first ? n + 0 : Math.max(max, n)
  if (n === 0) return [level, negative, zeros + 1, positive, low, high]
  const index = atLevel(Math.ceil(Math.log(Math.abs(n)) / logFactor), level)
  return n < 0
    ? bounded([level, addOne(negative, index), zeros, positive, low, high])
    : bounded([level, negative, zeros, addOne(positive, index), low, high])
}

export function mergeSketches(a: Sketch, b: Sketch): Sketch {
  if (isEmpty(a)) return b
  if (isEmpty(b)) return a
  const level = Math.max(a[0], b[0])
  const [, negative, zeros, positive, min, max] = coarsened(a, level)
  const [, moreNegative, moreZeros, morePositive, otherMin, otherMax] = coarsened(b, level)
  return bounded([
    level,
    addBins(negative, moreNegative),
    zeros + moreZeros,
    addBins(positive, morePositive),
    Math.min(min, otherMin),
    Math.max(max, otherMax),
  ])
}

/** The number at rank floor(q × (n - 1)) of the n numbers in order, within the accuracy (the first and the last exactly); null when there are none. */
export function quantileOf(sketch: Sketch, q: number, logFactor: number): number | null {
  const [level, negative, zeros, positive, min, max] = sketch
  if (isEmpty(sketch)) return null
  const below = totalOf(negative)
  const last = below + zeros + totalOf(positive) - 1
  const rank = Math.floor(q * last)
  if (rank === 0) return min
  if (rank === last) return max
  if (rank >= below && rank < below + zeros) return 0
  const estimate =
    rank < below
      ? -middleOf(indexAt(negative, below - 1 - rank), level, logFactor)
      : middleOf(indexAt(positive, rank - below - zeros), level, logFactor)
  return Math.min(max, Math.max(min, estimate))
}

/** By how much of itself a quantile may be wrong, as the sketch stands. */
export function accuracyOf([level]: Sketch, logFactor: number): number {
  return Math.tanh((logFactor * 2 ** level) / 2)
}

/** The logarithm of (1 + a) / (1 - a): bins grow by that factor for a relative accuracy a. */
export const logFactorOf = (accuracy: number): number => Math.log((1 + accuracy) / (1 - accuracy))

const atLevel = (index: number, level: number): number => Math.ceil(index / 2 ** level) + 0

/** The number of bin (f^(i - 1), f^i] that is equally wrong, relatively, at both borders. */
function middleOf(index: number, level: number, logFactor: number): number {
  const log = logFactor * 2 ** level
  return (2 * Math.exp(index * log)) / (Math.exp(log) + 1)
}

function bounded(sketch: Sketch): Sketch {
  let next = sketch
  while ((next[1].length + next[3].length) / 2 > BINS_MAX) next = coarsened(next, next[0] + 1)
  return next
}

function coarsened(sketch: Sketch, level: number): Sketch {
  const [from, negative, zeros, positive, min, max] = sketch
  if (from === level) return sketch
  const join = (bins: Bins): Bins =>
    addBins(
      [],
      bins.map((n, i) => (i % 2 === 0 ? atLevel(n, level - from) : n)),
    )
  return [level, join(negative), zeros, join(positive), min, max]
}

function addOne(bins: Bins, index: number): Bins {
  let low = 0
  let high = bins.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if (bins[2 * middle]! < index) low = middle + 1
    else high = middle
  }
  const at = 2 * low
  return bins[at] === index ? bins.with(at + 1, bins[at + 1]! + 1) : bins.toSpliced(at, 0, index, 1)
}

/** Both, by index; `b` may have an index several times in a row. */
function addBins(a: Bins, b: Bins): Bins {
  const sum: number[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = j >= b.length || (i < a.length && a[i]! <= b[j]!)
    const index = fromA ? a[i]! : b[j]!
    const count = fromA ? a[i + 1]! : b[j + 1]!
    if (fromA) i += 2
    else j += 2
    if (sum[sum.length - 2] === index) sum[sum.length - 1]! += count
    else sum.push(index, count)
  }
  return sum
}

function totalOf(bins: Bins): number {
  let total = 0
  for (let i = 1; i < bins.length; i += 2) total += bins[i]!
  return total
}

/** Index of the bin that holds the number at `rank`, counted from the lowest index. */
function indexAt(bins: Bins, rank: number): number {
  let i = 0
  for (let passed = bins[1]!; passed <= rank; passed += bins[i + 1]!) i += 2
  return bins[i]!
}
