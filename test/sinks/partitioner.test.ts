import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionFor } from '../../shared/sinks/partitioner.ts'

// The vectors of Kafka's own test:
// https://github.com/apache/kafka/blob/4.0.0/clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java
const vectors: readonly (readonly [text: string, hash: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

describe('murmur2', () => {
  it.each(vectors)('of %j is what the Java client computes', (text, hash) => {
    expect(murmur2(text)).toBe(hash)
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('of text is that of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(murmur2(text)).toBe(murmur2(Buffer.from(text)))
      }),
    )
  })
})

describe('partitionFor', () => {
  it('drops the sign before it takes the remainder', () => {
    expect(partitionFor('21', 6)).toBe((-973932308 & 0x7fffffff) % 6)
    expect(partitionFor('abc', 12)).toBe(479470107 % 12)
  })

  it('stays within the partitions', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 100 }), (key, partitions) => {
        const partition = partitionFor(key, partitions)
        expect(partition).toBeGreaterThanOrEqual(0)
        expect(partition).toBeLessThan(partitions)
      }),
    )
  })

  it('puts an empty key where the Java client does', () => {
    expect(murmur2('')).toBe(275646681)
  })
})
