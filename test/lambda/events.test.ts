import { describe, expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import { minutes } from '../../shared/time.ts'
import { LambdaUnderTest, sample, T } from './harness.ts'

const of = (stage: string) => LambdaUnderTest.of(processors, stage)
const counts = {
  read: 0,
  counted: 0,
  filtered: 0,
  late: 0,
  parked: 0,
  duplicatesDropped: 0,
  lateWindows: 0,
  partialMatchesDropped: 0,
  keptEventsDropped: 0,
  emitted: 0,
}
const reasons = async (lambda: LambdaUnderTest) =>
  (await lambda.parked()).map(({ partition, offset, reason }) => `${partition}/${offset} ${reason}`).sort()

describe('an event of Amazon MSK, several partitions', () => {
  test('through a stage without state', async () => {
    const lambda = await of('large-transactions')
    const report = await lambda.invoke(sample('msk-transactions'))
    expect(report).toMatchObject({
      stage: 'large-transactions',
      kind: 'batch',
      partitions: [
        { partition: 0, offset: 106, counts: { ...counts, read: 7, counted: 2, filtered: 2, parked: 3, emitted: 2 } },
        { partition: 7, offset: 1, counts: { ...counts, read: 2, counted: 1, filtered: 1, emitted: 1 } },
      ],
    })
    expect(await reasons(lambda)).toEqual(['0/102 NULL_VALUE', '0/104 NULL_VALUE', '0/105 NOT_UTF8'])
    const large = await lambda.topic('large-transactions')
    // The record without a key gets the one that the output topic declares.
    expect(large.map(({ key, identity }) => `${key} ${identity}`).sort()).toEqual([
      `card-1 large-transactions.1.0;100.0;${T + 1_000}`,
      `card-2 large-transactions.1.0;103.0;${T + 2_250}`,
      `card-9 large-transactions.1.7;0.0;${T + 5_000}`,
    ])
    expect(large.find(({ key }) => key === 'card-1')).toMatchObject({
      value: { id: 't1', merchant: 'Café Zürich', amount: 1500 },
      timestampMs: T + 1_000,
    })
  })

  test('through a stage with state, then close-windows', async () => {
    const lambda = await of('card-spend')
    const report = await lambda.invoke(sample('msk-transactions'))
    expect(report.partitions).toMatchObject([
      { partition: 0, offset: 106, commits: 1, openTimers: 1, streamTimeMs: T + 400_000 },
      { partition: 7, offset: 1, commits: 1, openTimers: 1, streamTimeMs: T + 6_000 },
    ])
    expect(report.partitions.map((each) => each.counts)).toEqual([
      { ...counts, read: 7, counted: 3, parked: 4, emitted: 1 },
      { ...counts, read: 2, counted: 2 },
    ])
    expect(await reasons(lambda)).toEqual([
      '0/102 NULL_VALUE',
      '0/103 KEY_MISSING',
      '0/104 NULL_VALUE',
      '0/105 NOT_UTF8',
    ])
    const window = { start: T, end: T + minutes(5) }
    const first = { key: 'card-1', window, count: 2, total: 1_520, mean: 760 }
    expect((await lambda.topic('card-spend')).map(({ value }) => value)).toEqual([first])

    expect(await lambda.invoke(sample('close-windows'))).toMatchObject({ kind: 'close-windows' })
    expect((await lambda.topic('card-spend')).map(({ value }) => value)).toEqual(
      expect.arrayContaining([
        first,
        { key: 'card-1', window: { start: window.end, end: window.end + minutes(5) }, count: 1, total: 30, mean: 30 },
        { key: 'card-9', window, count: 2, total: 5_040, mean: 2_520 },
      ]),
    )
  })

  test('a parked record holds what is needed to send it again, signed header bytes too', async () => {
    const lambda = await of('card-spend')
    const event = sample('msk-transactions') as { records: Record<string, Record<string, unknown>[]> }
    event.records['transactions-0']![5]!.headers = [{ source: [66, -61, -68, 99, 104] }, { trace: [-1, 0, 127, -128] }]
    await lambda.invoke(event)
    const parked = (await lambda.parked()).find(({ offset }) => offset === 105)
    expect(parked).toMatchObject({ topic: 'transactions', partition: 0, timestamp: T + 2_500, bytes: 6 })
    expect(Buffer.from(parked!.key!, 'base64').toString()).toBe('card-1')
    expect([...Buffer.from(parked!.value!, 'base64')]).toEqual([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])
    expect(parked!.headers.map(([name, bytes]) => [name, Buffer.from(bytes, 'base64').toString('hex')])).toEqual([
      ['source', '42c3bc6368'],
      ['trace', 'ff007f80'],
    ])
  })

  test('delivered again, it changes nothing', async () => {
    const lambda = await of('card-spend')
    await lambda.invoke(sample('msk-transactions'))
    const before = await lambda.topic('card-spend')
    for (const restart of [false, true]) {
      if (restart) lambda.restart()
      const { partitions } = await lambda.invoke(sample('msk-transactions'))
      expect(partitions.map((each) => each.counts)).toEqual([counts, counts])
    }
    expect(new Set((await lambda.topic('card-spend')).map(({ identity }) => identity))).toEqual(
      new Set(before.map(({ identity }) => identity)),
    )
  })
})

test('an event of self-managed Kafka: keys that are null, absent and empty, values that are absent and empty', async () => {
  const lambda = await of('important-events')
  const { partitions } = await lambda.invoke(sample('self-managed-events'))
  expect(partitions).toMatchObject([{ partition: 2, offset: 44 }])
  expect(partitions[0]!.counts).toEqual({ ...counts, read: 5, counted: 2, filtered: 1, parked: 2, emitted: 2 })
  expect((await lambda.topic('important-events')).map(({ key }) => key).sort()).toEqual(['e1', 'e2'])
  expect(await reasons(lambda)).toEqual(['2/43 NOT_JSON', '2/44 NULL_VALUE'])
})

describe('a topic whose name has a "-"', () => {
  test('into a topic', async () => {
    const lambda = await of('fahrenheit')
    const { partitions } = await lambda.invoke(sample('msk-sensor-readings'))
    expect(partitions.map(({ partition, offset }) => [partition, offset])).toEqual([
      [1, 8],
      [11, 0],
    ])
    const readings = (await lambda.topic('sensor-fahrenheit')).map(({ key, value }) => [key, value])
    expect(readings).toContainEqual(['cellar-2', { sensorId: 'cellar-2', fahrenheit: 26.6, at: T + 20 }])
    expect(readings).toHaveLength(3)
  })

  test('into a table', async () => {
    const lambda = await of('sensor-average')
    await lambda.invoke(sample('msk-sensor-readings'))
    const value = JSON.stringify({ key: 'boiler-1', count: 1, min: 90.5, max: 90.5, mean: 90.5 })
    expect(lambda.tables.rows('sensor-average')).toMatchObject([{ key: 'boiler-1', sort: '-', value }])
  })
})

test('a topic between two stages: repeats dropped, progress taken, a record without an identity parked', async () => {
  const lambda = await of('log-counts')
  const { partitions } = await lambda.invoke(sample('msk-rekeyed-logs'))
  expect(partitions[0]).toMatchObject({ partition: 4, offset: 4, openTimers: 1 })
  expect(partitions[0]!.counts).toEqual({ ...counts, read: 4, counted: 2, duplicatesDropped: 1, parked: 1 })
  expect(await reasons(lambda)).toEqual(['4/3 HEADER_INVALID'])
  await lambda.invoke(sample('close-windows'))
  const key = ['billing', 'error']
  const [row] = lambda.tables.rows('log-counts')
  expect(row!.key).toBe(JSON.stringify(key))
  expect(JSON.parse(row!.value!)).toEqual({ key, window: { start: T, end: T + minutes(1) }, count: 2 })
})

test('ticks close windows of a partition that has fallen silent', async () => {
  const lambda = await of('card-spend')
  await lambda.invoke(sample('msk-transactions'))
  lambda.endAt(0, 107)
  lambda.endAt(7, 2)
  expect(await lambda.invoke(sample('tick'))).toMatchObject({ kind: 'tick' })
  expect(await lambda.results('card-spend')).toHaveLength(1)
  lambda.nowMs += minutes(12)
  await lambda.invoke(sample('tick'))
  expect((await lambda.results('card-spend')).map(({ key }) => key).sort()).toEqual(['card-1', 'card-1', 'card-9'])
})
