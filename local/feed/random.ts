/** Deterministic numbers in [0, 1). */
export type Random = () => number

/** Numbers for a seed and a name: streams of different names are independent. (mulberry32 over an FNV-1a hash) */
export function randomOf(seed: number, name: string): Random {
  let state = 0x811c9dc5 ^ seed
  for (let n = 0; n < name.length; n++) state = Math.imul(state ^ name.charCodeAt(n), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1))

export const oneOf = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!

/** A whole number below `size`, low ones more often. */
export const skewed = (random: Random, size: number): number => Math.floor(size * random() ** 2)
