import { appendFileSync, copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { FRAME_PREFIX_BYTES } from '../../../local/log/frame.ts'
import { PartitionLog } from '../../../local/log/partition-log.ts'
import type { OutgoingRecord } from '../../../shared/sinks/sink.ts'
import { temporaryDirectory } from '../temporary.ts'

const PLACE = { topic: 'topic', partition: 0, timestampType: 'CREATE_TIME' } as const
const ALL = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }

const open = (path: string): PartitionLog => new PartitionLog(path, PLACE, 1_000_000)
const record = (n: number, value = `value ${n}`): OutgoingRecord => ({
  key: `key ${n}`,
  value,
  headers: { mr: `lane;${n}` },
  timestampMs: n,
})
const values = (log: PartitionLog, from = 0): string[] =>
  log.read(from, ALL).map(({ value }) => Buffer.from(value!).toString())

describe('a partition log after a kill', () => {
  it('keeps every whole record, wherever the last append was cut off', () => {
    const directory = temporaryDirectory()
    const whole = join(directory, 'whole.log')
    const log = open(whole)
    log.append([record(0), record(1)], undefined)
    const soundBytes = statSync(whole).size
    log.append([record(2), record(3)], undefined)
    const oneMore = soundBytes + (statSync(whole).size - soundBytes) / 2
    log.close()
    for (let cut = soundBytes; cut < statSync(whole).size; cut++) {
      const torn = join(directory, `torn-${cut}.log`)
      copyFileSync(whole, torn)
      truncateSync(torn, cut)
      const reopened = open(torn)
      const kept = cut < oneMore ? 2 : 3
      expect(reopened.end).toBe(kept)
      expect(reopened.cutBytes).toBe(cut - (kept === 2 ? soundBytes : oneMore))
      reopened.append([record(9)], undefined)
      expect(values(reopened).slice(-1)).toEqual(['value 9'])
      expect(reopened.end).toBe(kept + 1)
      reopened.close()
    }
  })

  it('has the same records and offsets when opened again', () => {
    const path = join(temporaryDirectory(), '0.log')
    const log = open(path)
    for (let n = 0; n < 50; n++) log.append([record(n)], undefined)
    log.close()
    const reopened = open(path)
    expect(reopened.cutBytes).toBe(0)
    expect(values(reopened)).toEqual(Array.from({ length: 50 }, (_, n) => `value ${n}`))
    expect(reopened.read(49, ALL)[0]).toMatchObject({ offset: 49, timestampMs: 49 })
    reopened.close()
  })

  it('refuses a file that is damaged in the middle: cutting there would lose records in silence', () => {
    const path = join(temporaryDirectory(), '0.log')
    const log = open(path)
    log.append([record(0), record(1), record(2)], undefined)
    log.close()
    const bytes = readFileSync(path)
    bytes[30] = bytes[30]! ^ 0xff
    writeFileSync(path, bytes)
    expect(() => open(path)).toThrow(/^DATA_DAMAGED: .*0\.log is damaged \(.* byte 0 .*another --data DIR/)
  })

  it('takes bytes that look like a length for an unfinished append', () => {
    const path = join(temporaryDirectory(), '0.log')
    const log = open(path)
    log.append([record(0)], undefined)
    log.close()
    appendFileSync(path, Buffer.from([200, 0, 0, 0]))
    const reopened = open(path)
    expect([reopened.end, reopened.cutBytes]).toEqual([1, 4])
    reopened.close()
  })
})

describe('a long partition log', () => {
  it('is read from any offset, across the stretches of its index', () => {
    const log = open(join(temporaryDirectory(), '0.log'))
    const padding = 'x'.repeat(5_000)
    for (let n = 0; n < 500; n++) log.append([record(n, `${n} ${padding}`)], undefined)
    for (const from of [0, 1, 51, 52, 53, 250, 498, 499]) {
      const [first] = log.read(from, { maxRecords: 1, maxBytes: 1 })
      expect(first).toMatchObject({ offset: from, timestampMs: from })
    }
    expect(log.read(0, ALL)).toHaveLength(500)
    log.close()
  })

  it('reads a record that is larger than what is read at a time', () => {
    const log = open(join(temporaryDirectory(), '0.log'))
    log.append([record(0), record(1, 'y'.repeat(900_000)), record(2)], undefined)
    expect(log.read(1, { maxRecords: 1, maxBytes: 1 })[0]!.value).toHaveLength(900_000)
    expect(log.read(2, ALL)).toHaveLength(1)
    log.close()
  })

  it('stamps records with the time of the broker when it is given one', () => {
    const log = open(join(temporaryDirectory(), '0.log'))
    log.append([record(0)], 777)
    expect(log.read(0, ALL)[0]!.timestampMs).toBe(777)
    log.close()
  })
})

it.each([
  ['a key that is longer than its record', 8, 1_000],
  ['a value of a length below -1', 12, -2],
  ['more headers than it has', 16, 9],
])('refuses a record whose checksum is right, and that is none: %s', (_, at, value) => {
  const path = join(temporaryDirectory(), '0.log')
  const log = open(path)
  log.append([record(0)], undefined)
  log.close()
  const frame = readFileSync(path)
  const body = frame.subarray(FRAME_PREFIX_BYTES)
  if (at === 16) body.writeUInt16LE(value, at)
  else body.writeInt32LE(value, at)
  frame.writeUInt32LE(crc32(body), 4)
  writeFileSync(path, frame)
  expect(() => values(open(path))).toThrow(/^DATA_DAMAGED: .* byte 0 /)
})

it('of a file that is damaged nothing stays open', () => {
  const path = join(temporaryDirectory(), '0.log')
  writeFileSync(path, Buffer.alloc(100))
  const handles = () => readdirSync('/dev/fd').length
  expect(() => open(path)).toThrow('DATA_DAMAGED')
  const before = handles()
  for (let n = 0; n < 50; n++) expect(() => open(path)).toThrow('DATA_DAMAGED')
  expect(handles()).toBeLessThan(before + 25)
})
