const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995
const ROTATION = 24

/** MurmurHash2 of the bytes, 32 bits and signed, with the seed that Kafka's Java client uses. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const wholeWords = length & ~3
  let hash = SEED ^ length
  for (let at = 0; at < wholeWords; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MULTIPLIER)
    word = Math.imul(word ^ (word >>> ROTATION), MULTIPLIER)
    hash = Math.imul(hash, MULTIPLIER) ^ word
  }
  hash = mixTail(hash, bytes.subarray(wholeWords))
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}

function mixTail(hash: number, tail: Uint8Array): number {
  if (tail.length === 0) return hash
  let mixed = hash
  for (const [n, byte] of tail.entries()) mixed ^= byte << (8 * n)
  return Math.imul(mixed, MULTIPLIER)
}

/** The partition, in [0, partitions), that Kafka's Java client gives a record with this key. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
