const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995
const encoder = new TextEncoder()

/**
 * The partition, in [0, `partitions`), that Kafka's Java client gives a record with this key. Text counts as its UTF-8 bytes.
 *
 * https://github.com/apache/kafka/blob/4.0.0/clients/src/main/java/org/apache/kafka/clients/producer/internals/BuiltInPartitioner.java
 */
export function partitionFor(key: string | Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** Kafka's MurmurHash2 of text (as UTF-8) or bytes: 32 bits, signed. */
export function murmur2(key: string | Uint8Array): number {
  if (typeof key !== 'string') return ofBytes(key)
  return ofAscii(key) ?? ofBytes(encoder.encode(key))
}

/** undefined: the text is not ASCII. Most keys are, and need no bytes to be made of them. */
function ofAscii(text: string): number | undefined {
  const length = text.length
  const wholeWords = length & ~3
  let hash = SEED ^ length
  let seen = 0
  for (let at = 0; at < wholeWords; at += 4) {
    const a = text.charCodeAt(at)
    const b = text.charCodeAt(at + 1)
    const c = text.charCodeAt(at + 2)
    const d = text.charCodeAt(at + 3)
    seen |= a | b | c | d
    hash = mixWord(hash, a | (b << 8) | (c << 16) | (d << 24))
  }
  let tail = 0
  for (let at = wholeWords; at < length; at += 1) {
    const code = text.charCodeAt(at)
    seen |= code
    tail |= code << (8 * (at - wholeWords))
  }
  return seen > 0x7f ? undefined : finish(hash, tail, length - wholeWords)
}

function ofBytes(bytes: Uint8Array): number {
  const length = bytes.length
  const wholeWords = length & ~3
  let hash = SEED ^ length
  for (let at = 0; at < wholeWords; at += 4) {
    hash = mixWord(hash, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
  }
  let tail = 0
  for (let at = wholeWords; at < length; at += 1) tail |= bytes[at]! << (8 * (at - wholeWords))
  return finish(hash, tail, length - wholeWords)
}

function mixWord(hash: number, word: number): number {
  const scrambled = Math.imul(word, MULTIPLIER)
  return Math.imul(hash, MULTIPLIER) ^ Math.imul(scrambled ^ (scrambled >>> 24), MULTIPLIER)
}

function finish(hash: number, tail: number, tailLength: number): number {
  const mixed = tailLength === 0 ? hash : Math.imul(hash ^ tail, MULTIPLIER)
  const folded = Math.imul(mixed ^ (mixed >>> 13), MULTIPLIER)
  return folded ^ (folded >>> 15)
}
