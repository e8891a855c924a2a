import { describe, expect, it } from 'vitest'
import { judge } from './judge.ts'
import { murmur2, partitionOf } from './murmur2.ts'
import { type OutputRecord, type OutputTopic, Reference } from './outputs.ts'

const START = Date.UTC(2026, 0, 1)
const LATEST_AT = START + 3_600_000

type Fields = { id?: string; cardId?: string; amount?: number; at?: unknown }

function line(fields: Fields): string {
  const whole = { id: 'tx-1', cardId: 'card-1', amount: 50, merchant: 'Shop', country: 'NL', at: START }
  return JSON.stringify({ ...whole, ...fields })
}

function run(lines: string[], partitions = 1) {
  const records: Record<OutputTopic, OutputRecord[]> = {
    'large-transactions': [],
    'card-spend': [],
    'fraud-alerts': [],
  }
  const emit = (topic: OutputTopic, record: OutputRecord) => records[topic].push(record)
  const reference = new Reference({ partitions, latestAt: LATEST_AT, emit })
  for (const text of lines) reference.add(Buffer.from(text))
  return { summary: reference.finish(), ...records }
}

describe('murmur2', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('clears the sign bit rather than negating', () => {
    expect(partitionOf(Buffer.from('21'), 12)).toBe((2 ** 31 - 973932308) % 12)
  })
})

describe('judge', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  it.each([
    ['NOT_UTF8 before all else', Buffer.from([0x7b, 0xff]), 'NOT_UTF8'],
    ['no JSON', 'NaN', 'NOT_JSON'],
    ['an empty line', '', 'NOT_JSON'],
    ['33 levels, before a hostile key', `{"__proto__":${deep(32)}}`, 'TOO_DEEP'],
    ['32 levels', deep(32), 'SCHEMA'],
    ['100,000 levels', deep(100_000), 'TOO_DEEP'],
    ['a hostile key, before a number', '{"a":1e999,"b":[{"constructor":1}]}', 'HOSTILE_KEY'],
    ['an infinite number, before the schema', '[-1e999]', 'NUMBER_UNSAFE'],
    ['a number above 2^53 - 1', '9007199254740993', 'NUMBER_UNSAFE'],
    ['the number 2^53 - 1', '9007199254740991', 'SCHEMA'],
    ['null', 'null', 'SCHEMA'],
    ['a list', `[${line({})}]`, 'SCHEMA'],
    ['a text for a time', line({ at: '5' }), 'SCHEMA'],
    ['a time before 1970', line({ at: -5 }), 'TIME_INVALID'],
    ['a fraction of a millisecond, in the future too', line({ at: LATEST_AT + 1.5 }), 'TIME_INVALID'],
    ['a time too far ahead', line({ at: LATEST_AT + 1 }), 'TIME_FUTURE'],
  ])('parks %s', (_, text, reason) => {
    expect(judge(Buffer.from(text), LATEST_AT)).toBe(reason)
  })

  it('takes the last time allowed, and only the six fields', () => {
    const text = line({ at: LATEST_AT }).replace('{', '{"more":1,')
    expect(judge(Buffer.from(text), LATEST_AT)).toEqual(JSON.parse(line({ at: LATEST_AT })))
  })
})

describe('card spend', () => {
  it('sums a window, its start included and its end not', () => {
    const { 'card-spend': spend } = run([
      line({ amount: 0.1, at: START + 299_999 }),
      line({ amount: 0.2, at: START }),
      line({ amount: 7, at: START + 300_000 }),
    ])
    const window = { start: START, end: START + 300_000 }
    const value = { key: 'card-1', window, count: 2, total: 0.3, mean: 0.15 }
    expect(spend).toHaveLength(2)
    expect(spend[0]).toEqual({ key: 'card-1', value, timestamp: START + 299_999 })
  })

  it('folds until stream time reaches the end of the window and 30 s, of any card', () => {
    const last = line({ cardId: 'card-2', at: START + 329_999 })
    const closing = line({ cardId: 'card-2', at: START + 330_000 })
    expect(run([last, line({})]).summary.cardSpend).toEqual({ late: 0, results: 2 })
    expect(run([closing, line({})]).summary.cardSpend).toEqual({ late: 1, results: 1 })
  })

  it('keeps a stream time for each partition', () => {
    const closing = line({ cardId: '21', at: START + 330_000 })
    const other = line({ cardId: 'foobar' })
    expect(run([closing, other], 2).summary.cardSpend.late).toBe(1)
    expect(run([closing, other], 12).summary.cardSpend.late).toBe(0)
  })

  it('does not move stream time for a parked record', () => {
    const parked = line({ at: LATEST_AT + 1 })
    expect(run([parked, line({})]).summary).toMatchObject({ parked: 1, cardSpend: { late: 0, results: 1 } })
  })
})

describe('fraud', () => {
  const at = (ms: number, amount: number, id = `tx-${ms}`) => line({ id, amount, at: START + ms })

  it('alerts on three smalls and a large one, in the order of event time', () => {
    const { 'fraud-alerts': alerts } = run(['{}', at(2, 20.2), at(4, 1000.01), at(1, 10.1), at(3, 99.99)])
    const event = (step: string, ms: number, offset: number, amount: number) => {
      return { step, partition: 0, offset, id: `tx-${ms}`, amount, at: START + ms }
    }
    const events = [
      event('small', 1, 3, 10.1),
      event('small', 2, 1, 20.2),
      event('small', 3, 4, 99.99),
      event('large', 4, 2, 1000.01),
    ]
    const value = { rule: 'small-then-large', cardId: 'card-1', total: 1130.3, events }
    expect(alerts).toEqual([{ key: 'card-1', value, timestamp: START + 4 }])
  })

  it.each([
    ['two smalls', [at(1, 5), at(2, 5), at(3, 2000)], 0],
    ['100 as no small', [at(1, 5), at(2, 5), at(3, 100), at(4, 2000)], 0],
    ['1000 as no large', [at(1, 5), at(2, 5), at(3, 5), at(4, 1000)], 0],
    ['the first small 1 ms short of 5 minutes ago', [at(0, 5), at(1, 5), at(2, 5), at(299_999, 2000)], 1],
    ['the first small 5 minutes ago', [at(0, 5), at(1, 5), at(2, 5), at(300_000, 2000)], 0],
    ['a second large after an alert', [at(1, 5), at(2, 5), at(3, 5), at(4, 2000), at(5, 2000)], 1],
    ['a large that leaves two smalls be', [at(1, 5), at(2, 5), at(3, 2000), at(4, 5), at(5, 2000)], 1],
    ['the same time, by offset', [at(1, 5), at(2, 5), at(3, 2000, 'a'), at(3, 5, 'b')], 0],
  ])('takes %s', (_, lines, alerts) => {
    expect(run(lines).summary.fraud).toEqual({ late: 0, alerts })
  })

  it('drops what is more than 10 s behind', () => {
    const others = [at(10_001, 5), at(10_001, 5), at(10_001, 2000)]
    expect(run([...others, at(1, 5)]).summary.fraud).toEqual({ late: 0, alerts: 1 })
    expect(run([...others, at(0, 5)]).summary.fraud).toEqual({ late: 1, alerts: 0 })
  })
})

describe('large transactions', () => {
  it('come as they are, in the order of the partition, late ones too', () => {
    const first = line({ amount: 1000.01, at: START + 999_999 })
    const { 'large-transactions': large } = run([first, line({ amount: 1000 }), line({ amount: 5000 })])
    expect(large.map(({ timestamp }) => timestamp)).toEqual([START + 999_999, START])
    expect(large[0]?.value).toEqual(JSON.parse(first))
  })
})
