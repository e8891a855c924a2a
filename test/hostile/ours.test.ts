import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { processor, table, topic } from '#millrace'
import { processors } from '../../functions/index.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { LambdaUnderTest, T } from '../lambda/harness.ts'

const REKEYED = 'millrace.log-counts.1.rekey'
const KEY = ['billing', 'error']
const log = { host: 'web-1', service: KEY[0], level: KEY[1], message: 'm', at: T }
const bytes = (text: string): number[] => [...Buffer.from(text)]

const record = (offset: number, headers: unknown, value: unknown = log): KafkaEventRecord => ({
  topic: REKEYED,
  partition: 4,
  offset,
  timestamp: T,
  timestampType: 'LOG_APPEND_TIME',
  key: btoa(JSON.stringify(KEY)),
  value: value === null ? null : btoa(JSON.stringify(value)),
  headers: headers as KafkaEventRecord['headers'] & object,
})
const identity = (text: string): unknown => [{ mr: bytes(text) }]

/** Only Millrace writes these topics. Whoever does it all the same may spoil his own records, and no others. */
describe('identities that nobody but us may write, written by somebody else', () => {
  const bad: Readonly<Record<string, unknown>> = {
    none: [],
    null: null,
    'no list': {},
    'a list of nulls': [null],
    'bytes that are a text': [{ mr: `log-counts.1.rekey.3;7.0;${T}` }],
    'bytes that are an object': [{ mr: {} }],
    'without bytes': [{ mr: [] }],
    'a null': [{ mr: null }],
    'no text': [{ mr: [255, 254, 0] }],
    'one part': identity('log-counts.1.rekey.3'),
    'two parts': identity('log-counts.1.rekey.3;1.0'),
    'four parts': identity('log-counts.1.rekey.3;1.0;1;1'),
    'no lane': identity(';1.0;1'),
    'a lane without a partition': identity('log-counts;1.0;1'),
    'a lane of a partition that there is not': identity('log-counts.1.rekey.12;1.0;1'),
    'a lane of a partition below 0': identity('log-counts.1.rekey.-1;1.0;1'),
    'a lane of half a partition': identity('log-counts.1.rekey.1e-1;1.0;1'),
    'a lane of 1,001 characters': identity(`${'x'.repeat(999)}.3;1.0;1`),
    'no sequence': identity('log-counts.1.rekey.3;;1'),
    'a sequence that is no number': identity('log-counts.1.rekey.3;1.x;1'),
    'a sequence below 0': identity('log-counts.1.rekey.3;-1;1'),
    'a sequence beyond 2^53': identity('log-counts.1.rekey.3;9007199254740993;1'),
    'a sequence of nine numbers': identity('log-counts.1.rekey.3;1.1.1.1.1.1.1.1.1;1'),
    'no time': identity('log-counts.1.rekey.3;1.0;'),
    'a time below 0': identity('log-counts.1.rekey.3;1.0;-5'),
    'half a millisecond': identity('log-counts.1.rekey.3;1.0;1.5'),
    'a time as text': identity('log-counts.1.rekey.3;1.0;now'),
    '300,000 bytes': [{ mr: new Array(300_000).fill(49) }],
    'a progress record with a value': [{ 'mr-progress': bytes(`3;${T}`) }],
  }

  test.each(Object.entries(bad))('%s', async (_, headers) => {
    const lambda = await LambdaUnderTest.of(processors, 'log-counts')
    const good = identity(`log-counts.1.rekey.3;7.0;${T}`)
    const { partitions } = await lambda.invoke({ records: { x: [record(0, headers), record(1, good)] } })
    expect(partitions[0]!.counts).toMatchObject({ read: 2, counted: 1, parked: 1 })
    expect(await lambda.parked()).toMatchObject([{ offset: 0, reason: 'HEADER_INVALID' }])
  })

  test.each(['12;5', '-1;5', 'x;5', '3;-1', '3;9007199254740993', '3', ''])('progress of "%s"', async (text) => {
    const lambda = await LambdaUnderTest.of(processors, 'log-counts')
    const progress = record(0, [{ 'mr-progress': bytes(text) }], null)
    const { partitions } = await lambda.invoke({ records: { x: [progress] } })
    expect(partitions[0]).toMatchObject({ offset: 0, openTimers: 0, streamTimeMs: -1, counts: { read: 1, parked: 1 } })
  })

  test('progress on a topic where nobody sends any is a record like others, and counted', async () => {
    const anything = { schema: z.unknown() }
    const first = processor('first').from(topic('in', anything)).to(topic('between', anything))
    const between = first.draft.outputs[0]!.target as ReturnType<typeof topic>
    const second = processor('second').from(between).to(topic('out', anything))
    const lambda = await LambdaUnderTest.of([first, second], 'second')
    const progress = { ...record(0, [{ 'mr-progress': bytes('0;5') }], null), topic: 'between' }
    const { partitions } = await lambda.invoke({ records: { x: [progress] } })
    expect(partitions[0]!.counts).toMatchObject({ read: 1, parked: 1 })
  })
})

describe('where a record between two stages came from, as somebody else says', () => {
  const chained = `card-rules.1.0>log-counts.1.rekey.3;1.0.0;${T}`
  test.each([
    { title: 'nothing', headers: [] },
    { title: 'no number', headers: [{ mo: bytes('x') }] },
    { title: 'below 0', headers: [{ mo: bytes('-1') }] },
    { title: 'beyond 2^53', headers: [{ mo: bytes('9007199254740993') }] },
    { title: 'no bytes', headers: [{ mo: null }] },
    { title: '300,000 bytes', headers: [{ mo: new Array(300_000).fill(49) }] },
  ])('is not believed, and does no harm: $title', async ({ headers }) => {
    const lambda = await LambdaUnderTest.of(processors, 'log-counts')
    const { partitions } = await lambda.invoke({ records: { x: [record(0, [{ mr: bytes(chained) }, ...headers])] } })
    expect(partitions[0]!.counts).toMatchObject({ read: 1, counted: 1, parked: 0 })
  })
})

describe('identities on a topic that outsiders may write', () => {
  const forged = [
    { mr: bytes(`log-counts.1.rekey.0;9007199254740991.0;8640000000000000`) },
    { 'mr-progress': bytes('0;8640000000000000') },
    { mo: bytes('77') },
  ]
  const outside = (offset: number): KafkaEventRecord => ({
    ...record(offset, forged, { ...log, at: T + offset }),
    topic: 'logs',
    partition: 0,
    timestamp: T + offset,
    key: btoa(log.host),
  })

  test('a stage without state mints its own, by the place of the record: nothing is dropped or ahead', async () => {
    const lambda = await LambdaUnderTest.of(processors, 'log-counts-rekey')
    const { partitions } = await lambda.invoke({ records: { x: [outside(0), outside(1), outside(2)] } })
    expect(partitions[0]!.counts).toMatchObject({ read: 3, counted: 3, duplicatesDropped: 0 })
    const identities = (await lambda.topic(REKEYED)).map(({ identity }) => identity).filter((each) => each !== '')
    expect(identities).toEqual([0, 1, 2].map((offset) => `log-counts.1.rekey.0;${offset}.0;${T + offset}`))
  })

  test('a stage with state counts each, and takes the time from its value', async () => {
    const lambda = await LambdaUnderTest.of(processors, 'sensor-average')
    const reading = (offset: number) => ({
      ...outside(offset),
      topic: 'sensor-readings',
      key: btoa('s'),
      value: btoa(JSON.stringify({ sensorId: 's', celsius: 1, at: T + offset })),
    })
    const { partitions } = await lambda.invoke({ records: { x: [reading(0), reading(1), reading(2)] } })
    expect(partitions[0]).toMatchObject({ streamTimeMs: T + 2, counts: { read: 3, counted: 3, duplicatesDropped: 0 } })
  })
})

test('a forged sequence on a topic of ours silences its lane, and no other: who may write there matters', async () => {
  const lambda = await LambdaUnderTest.of(processors, 'log-counts')
  const of = (offset: number, lane: number, sequence: string) =>
    record(offset, identity(`log-counts.1.rekey.${lane};${sequence};${T}`))
  const records = [of(0, 3, '9007199254740991.0'), of(1, 3, '8.0'), of(2, 4, '8.0')]
  const { partitions } = await lambda.invoke({ records: { x: records } })
  expect(partitions[0]!.counts).toMatchObject({ read: 3, counted: 2, duplicatesDropped: 1 })
})

describe('rows of a table, which cannot have every key', () => {
  const rows = table('rows')
  const stage = processor('own')
    .from(topic('in', { schema: z.object({ id: z.string() }), key: (value) => value.id }))
    .to(rows)
  const place = { topic: 'in', partition: 0, timestamp: T, timestampType: 'CREATE_TIME' as const }
  const of = (id: string) => ({ key: btoa(id), value: btoa(JSON.stringify({ id })) })

  test.each([
    ['no key', null, 'KEY_MISSING'],
    ['an empty key', '', 'KEY_MISSING'],
    ['a key of 1,025 bytes', btoa('k'.repeat(1_025)), 'TOO_LARGE'],
    ['a key that is not UTF-8', btoa('\xff'), 'KEY_NOT_UTF8'],
  ])('%s', async (_, key, reason) => {
    const lambda = await LambdaUnderTest.of([stage], 'own')
    const records = [
      { ...place, offset: 0, ...of('a') },
      { ...place, offset: 1, ...of('c'), key },
      { ...place, offset: 2, ...of('b') },
    ]
    const { partitions } = await lambda.invoke({ records: { x: records } })
    expect(partitions[0]!.counts).toMatchObject({ read: 3, counted: 2, parked: 1, emitted: 2 })
    expect(await lambda.parked()).toMatchObject([{ offset: 1, reason }])
    expect(lambda.tables.rows('rows').map((row) => row.key)).toEqual(['a', 'b'])
  })
})
