/** A source of numbers in [0, 1). */
export type Random = () => number

/** Deterministic numbers in [0, 1) for a 32-bit seed (mulberry32). */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number in [low, high], both ends included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** One of the items, each equally likely. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T
}

/** Picks whole numbers in [0, size) with weight 1 / (n + 1) ** exponent: low numbers are hot. */
export function zipfPicker(size: number, exponent: number, random: Random): () => number {
  const cumulative = new Float64Array(size)
  let sum = 0
  for (let n = 0; n < size; n++) {
    sum += 1 / (n + 1) ** exponent
    cumulative[n] = sum
  }
  return () => firstAbove(cumulative, random() * sum)
}

function firstAbove(sorted: Float64Array, target: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) > target) high = middle
    else low = middle + 1
  }
  return low
}
