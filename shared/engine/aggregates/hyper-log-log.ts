/**
 * HyperLogLog: how many different texts there were, from the rarest hash seen in each of 2^precision registers.
 * One character per register, so a sketch is an ASCII text of 2^precision characters.
 *
 * Standard error 1.04 / sqrt(2^precision) of the true number, over all numbers up to 2^40: the estimator is that of Ertl,
 * "New cardinality estimation algorithms for HyperLogLog sketches" (https://arxiv.org/abs/1702.01284), algorithm 6, which
 * needs no correction tables.
 */
export type Registers = string

const ZERO = 48
/** Bits of the hash behind those that choose the register. */
const RANK_BITS = 32

export const emptyRegisters = (precision: number): Registers => '0'.repeat(2 ** precision)

export function register(registers: Registers, text: string): Registers {
  const [chooses, ranked] = hashes(text)
  const at = (chooses >>> 0) % registers.length
  const rank = ZERO + Math.clz32(ranked) + 1
  if (registers.charCodeAt(at) >= rank) return registers
  return registers.slice(0, at) + String.fromCharCode(rank) + registers.slice(at + 1)
}

export function mergeRegisters(a: Registers, b: Registers): Registers {
  let merged = ''
  for (let i = 0; i < a.length; i++) merged += a.charCodeAt(i) >= b.charCodeAt(i) ? a[i] : b[i]
  return merged
}

/** The estimated number of different texts, whole. */
export function estimate(registers: Registers): number {
  const size = registers.length
  const counts = new Array<number>(RANK_BITS + 2).fill(0)
  for (let i = 0; i < size; i++) counts[registers.charCodeAt(i) - ZERO]!++
  let z = size * tau(1 - counts[RANK_BITS + 1]! / size)
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + counts[rank]!)
  z += size * sigma(counts[0]! / size)
  return Math.round((size / (2 * Math.LN2)) * (size / z))
}

/** x + x^2 + 2 x^4 + 4 x^8 + …: what registers that nothing has reached say. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let sum = x
  for (let weight = 1, before = -1; sum !== before; weight *= 2) {
    x *= x
    before = sum
    sum += x * weight
  }
  return sum
}

/** The same for registers that are full. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let sum = 1 - x
  for (let weight = 0.5, before = -1; sum !== before; weight *= 0.5) {
    x = Math.sqrt(x)
    before = sum
    sum -= (1 - x) ** 2 * weight
  }
  return sum / 3
}

/** Two hashes of 32 bits, independent enough for one to choose the register and the other to be ranked. */
function hashes(text: string): [number, number] {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x9e3779b1)
    b = Math.imul(b ^ unit, 0x5f356495)
    a = (a << 13) | (a >>> 19)
    b = (b << 15) | (b >>> 17)
  }
  return [mixed(a ^ mixed(b)), mixed(b ^ (a >>> 7))]
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
