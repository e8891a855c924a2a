import { type CompressionAlgorithmValue, createRecordsBatch, type MessageRecord } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { readBatches } from '../../shared/broker/record-batches.ts'
import { RecordCursor } from '../../shared/broker/record-cursor.ts'
import { sealed } from './sealed.ts'

const TIME = 1_700_000_000_000
const STEP_MS = 10_000_000
const ATTRIBUTES_LOW_BYTE = 22

interface Shape {
  readonly baseOffset: number
  readonly count: number
  readonly codec?: CompressionAlgorithmValue
  readonly attributes?: number
}

/** A batch as the client writes it, with what only a broker sets put in. */
function batch({ baseOffset, count, codec = 'none', attributes = 0 }: Shape): Buffer {
  const messages = Array.from({ length: count }, (_, n) => message(baseOffset + n))
  const options = { compression: codec } as Parameters<typeof createRecordsBatch>[1]
  const bytes = Buffer.from(createRecordsBatch(messages, options).buffer)
  bytes.writeBigInt64BE(BigInt(baseOffset))
  bytes[ATTRIBUTES_LOW_BYTE]! |= attributes
  return sealed(bytes)
}

function message(n: number): MessageRecord {
  const headers = new Map([[Buffer.from('n'), Buffer.from(String(n))]])
  // Times go down as offsets go up.
  return {
    topic: 't',
    key: Buffer.from(`k${n}`),
    value: Buffer.from(`v${n}`),
    headers,
    timestamp: BigInt(TIME - n * STEP_MS),
  }
}

function offsets(bytes: Buffer, from = 0): number[] {
  const cursor = new RecordCursor('t', 0, readBatches(bytes), from)
  const found: number[] = []
  for (let record = cursor.next(); record; record = cursor.next()) found.push(record.offset)
  return found
}

/** https://protobuf.dev/programming-guides/encoding/#signed-ints */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value >= 0 ? 2 * value : -2 * value - 1
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}

describe('readBatches and RecordCursor', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('read what %s has packed', (codec) => {
    const cursor = new RecordCursor('t', 3, readBatches(batch({ baseOffset: 40, count: 100, codec })), 40)
    for (let n = 40; n < 140; n += 1) {
      expect(cursor.next()).toEqual({
        topic: 't',
        partition: 3,
        offset: n,
        timestampMs: TIME - n * STEP_MS,
        timestampType: 'CREATE_TIME',
        key: Buffer.from(`k${n}`),
        value: Buffer.from(`v${n}`),
        headers: [['n', Buffer.from(String(n))]],
      })
    }
    expect(cursor.next()).toBeUndefined()
    expect(cursor.offset).toBe(140)
  })

  it('give the broker its time where it appends with its own', () => {
    const [first] = readBatches(batch({ baseOffset: 0, count: 2, attributes: 1 << 3 }))
    const cursor = new RecordCursor('t', 0, [{ ...first!, maxTimestampMs: 99 }], 0)
    expect([cursor.next(), cursor.next()]).toMatchObject([
      { timestampMs: 99, timestampType: 'LOG_APPEND_TIME' },
      { timestampMs: 99, timestampType: 'LOG_APPEND_TIME' },
    ])
  })

  it('leave out the batch that an answer cuts off, wherever it does', () => {
    const [one, two] = [batch({ baseOffset: 0, count: 2 }), batch({ baseOffset: 2, count: 2 })]
    for (let kept = 0; kept < two.length; kept += 1) {
      expect(offsets(Buffer.concat([one, two.subarray(0, kept)]))).toEqual([0, 1])
    }
    expect(offsets(Buffer.concat([one, two]))).toEqual([0, 1, 2, 3])
  })

  it('start inside a batch and pass over gaps and transaction markers', () => {
    const bytes = Buffer.concat([
      batch({ baseOffset: 0, count: 5 }),
      batch({ baseOffset: 5, count: 1, attributes: 1 << 5 }),
      batch({ baseOffset: 20, count: 3 }),
      batch({ baseOffset: 23, count: 1, attributes: 1 << 5 }),
    ])
    expect(offsets(bytes, 3)).toEqual([3, 4, 20, 21, 22])
    expect(offsets(bytes, 5)).toEqual([20, 21, 22])
    expect(offsets(bytes, 23)).toEqual([])
    const cursor = new RecordCursor('t', 0, readBatches(bytes), 22)
    expect([cursor.next()?.offset, cursor.next(), cursor.offset]).toEqual([22, undefined, 24])
  })

  it('go back and forth by offset', () => {
    const bytes = Buffer.concat([batch({ baseOffset: 0, count: 5 }), batch({ baseOffset: 5, count: 5, codec: 'gzip' })])
    const cursor = new RecordCursor('t', 0, readBatches(bytes), 0)
    for (const offset of [7, 2, 9, 0, 5, 4]) {
      cursor.seek(offset)
      expect(cursor.next()?.offset).toBe(offset)
    }
  })

  it.each([2 ** 31, -(2 ** 31) - 1, 2 ** 40, -(2 ** 40)])('read a time that is %d ms from the first one', (deltaMs) => {
    const fields = [[0], varint(deltaMs), varint(0), varint(-1), varint(-1), varint(0)].flat()
    const body = Buffer.from([...varint(fields.length), ...fields])
    const [plain] = readBatches(batch({ baseOffset: 0, count: 1 }))
    const cursor = new RecordCursor('t', 0, [{ ...plain!, baseTimestampMs: TIME, body }], 0)
    expect(cursor.next()).toMatchObject({ timestampMs: TIME + deltaMs, key: null, value: null, headers: [] })
  })

  it('say so when a format is too old', () => {
    const bytes = batch({ baseOffset: 0, count: 1 })
    bytes[16] = 1
    expect(() => readBatches(bytes)).toThrow('record format 1')
  })
})

describe('what a broker never sends is refused, and reading it ends', () => {
  const bytes = () => batch({ baseOffset: 40, count: 3 })
  const withInt32 = (at: number, value: number) => {
    const changed = bytes()
    changed.writeInt32BE(value, at)
    return changed
  }
  const withBody = (...body: number[]) => Buffer.concat([bytes().subarray(0, 61), Buffer.from(body)])
  const sized = (changed: Buffer) => {
    changed.writeInt32BE(changed.length - 12, 8)
    return changed
  }
  it.each([
    ['a batch that ends where it begins', withInt32(8, -12)],
    ['a batch that ends before it begins', withInt32(8, -2_147_483_648)],
    ['a batch that is all head', sized(bytes().subarray(0, 30))],
    ['a last offset before the first', withInt32(23, -2)],
    ['more records than offsets', withInt32(57, 2_147_483_647)],
    ['fewer than no records', withInt32(57, -1)],
    ['fewer records than it says', sized(withBody())],
    ['a record of a length below 0', sized(withBody(1))],
    ['a record that is longer than its batch', sized(withBody(60, 0, 0, 0, 1, 1, 0))],
    ['a record whose key is longer than it', sized(withBody(12, 0, 0, 0, 40, 1, 0))],
    ['a record of an offset before its batch', sized(withBody(12, 0, 0, 1, 1, 1, 0))],
    ['a record of an offset behind its batch', sized(withBody(12, 0, 0, 6, 1, 1, 0))],
    ['a number that does not end', sized(withBody(...new Array<number>(40).fill(0xff)))],
    ['a codec that there is not', sized(Buffer.concat([bytes().fill(7, 22, 23)]))],
  ])('%s', (_, given) => {
    expect(() => offsets(sealed(given))).toThrow(
      expect.objectContaining({ code: 'RECORDS_UNREADABLE', retriable: false }),
    )
  })

  it.each(['none', 'zstd'] as const)('a batch of which a bit was turned over on the way: %s', (codec) => {
    const whole = batch({ baseOffset: 40, count: 3, codec })
    // Before the magic byte stands what a broker may set without writing the checksum anew.
    for (let at = 17; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 1 << (at % 8)
      expect(() => offsets(damaged)).toThrow(expect.objectContaining({ code: 'RECORDS_UNREADABLE' }))
    }
    expect(offsets(whole)).toEqual([40, 41, 42])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('what %s has not packed', (codec) => {
    const packed = batch({ baseOffset: 0, count: 100, codec })
    expect(() => offsets(sealed(packed.fill(0xff, 61)))).toThrow(
      expect.objectContaining({ code: 'RECORDS_UNREADABLE' }),
    )
  })
})
