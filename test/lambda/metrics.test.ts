import { expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import { stageMetrics as deployed, NAMESPACE as deployedNamespace, STAGE_DIMENSION } from '../../infra/metrics.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { metricNames, NAMESPACE } from '../../shared/runtime/metrics.ts'
import { minutes } from '../../shared/time.ts'
import { LambdaUnderTest, sample, T } from './harness.ts'
import { linesOf } from './stdout.ts'

interface Emf {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[]
    }[]
  }
  readonly [member: string]: unknown
}

/** The one metrics line that `work` writes. */
async function emfOf(work: () => Promise<unknown>): Promise<Emf> {
  const lines = await linesOf(work)
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0]!) as Emf
}

const of = (stage: string) => LambdaUnderTest.of(processors, stage, { metrics: undefined })

test('one raw line an invocation, in embedded metric format, with the stage as its only dimension', async () => {
  const lambda = await of('card-spend')
  const emf = await emfOf(() => lambda.invoke(sample('msk-transactions')))
  const [directive] = emf._aws.CloudWatchMetrics
  expect(emf._aws.CloudWatchMetrics).toHaveLength(1)
  expect(directive).toMatchObject({ Namespace: 'Millrace', Dimensions: [['stage']] })
  expect(Math.abs(emf._aws.Timestamp - Date.now())).toBeLessThan(60_000)
  const { _aws, ...members } = emf
  expect(members).toEqual({
    stage: 'card-spend',
    requestId: 'request-1',
    kind: 'batch',
    RecordsRead: 9,
    RecordsCounted: 5,
    RecordsFiltered: 0,
    RecordsLate: 0,
    RecordsParked: 4,
    DuplicatesDropped: 0,
    Emitted: 1,
    PartialMatchesDropped: 0,
    KeptEventsDropped: 0,
    Commits: 2,
    BucketWrites: 0,
    EventTimeLag: lambda.nowMs - (T + 6_000),
  })
  for (const { Name, Unit } of directive!.Metrics) {
    expect(Unit).toBe(Name === 'EventTimeLag' ? 'Milliseconds' : 'Count')
    expect(typeof members[Name]).toBe('number')
  }
  expect(directive!.Metrics.map(({ Name }) => Name)).toEqual(
    metricNames.slice(0, metricNames.indexOf('EventTimeLag') + 1),
  )
})

test('a repeat, a tick and close-windows report zeros, and no lag', async () => {
  const lambda = await of('card-spend')
  await linesOf(() => lambda.invoke(sample('msk-transactions')))
  const repeat = await emfOf(() => lambda.invoke(sample('msk-transactions')))
  expect(repeat).toMatchObject({ RecordsRead: 0, RecordsParked: 0, Commits: 0, kind: 'batch' })
  expect(repeat).not.toHaveProperty('EventTimeLag')
  const tick = await emfOf(() => lambda.invoke(sample('tick')))
  expect(tick).toMatchObject({ RecordsRead: 0, Commits: 0, kind: 'tick' })
  expect(tick).not.toHaveProperty('EventTimeLag')
  const close = await emfOf(() => lambda.invoke(sample('close-windows')))
  expect(close).toMatchObject({ RecordsRead: 0, Emitted: 2, Commits: 2, kind: 'control' })
})

test('what log events carry: a gap in the offsets', async () => {
  const lambda = await of('card-spend')
  const { records, ...rest } = sample('msk-transactions') as { records: Record<string, { offset: number }[]> }
  await linesOf(() => lambda.invoke({ ...rest, records }))
  const later = records['transactions-0']!.map((record) => ({ ...record, offset: record.offset + 50 }))
  const emf = await emfOf(() => lambda.invoke({ ...rest, records: { 'transactions-0': later } }))
  expect(emf.OffsetGap).toBe(43)
  expect(lambda.logged).toContainEqual(
    expect.objectContaining({ level: 'error', what: 'offset gap', partition: 0, got: 150, requestId: 'request-1' }),
  )
  // Metrics are not logged beside, and not published again.
  expect(lambda.logged.some((event) => 'metrics' in event)).toBe(false)
  expect(await emfOf(() => lambda.invoke(sample('tick')))).not.toHaveProperty('OffsetGap')
})

test('what log events carry: a tick that holds while records wait', async () => {
  const lambda = await of('card-spend')
  await linesOf(() => lambda.invoke(sample('msk-transactions')))
  lambda.endAt(0, 110)
  await linesOf(() => lambda.invoke(sample('tick')))
  lambda.nowMs += minutes(5)
  const emf = await emfOf(() => lambda.invoke(sample('tick')))
  expect([emf.TickHold].flat()).toContain(1)
})

test('what log events carry: a failed invocation publishes it too', async () => {
  const lambda = await of('card-spend')
  await linesOf(() => lambda.invoke(sample('tick')))
  lambda.broker.deleteTopic('transactions')
  await lambda.broker.ensureTopic({ name: 'transactions', partitions: 12 })
  const emf = await emfOf(() => lambda.invoke(sample('tick')).catch(() => undefined))
  expect(emf).toMatchObject({ SourceChanged: 1, stage: 'card-spend', requestId: 'request-1', kind: 'tick' })
  expect(emf).not.toHaveProperty('RecordsRead')
})

test('dashboard and alarms know the same metrics', () => {
  expect(metricNames).toEqual(deployed)
  expect([NAMESPACE, 'stage']).toEqual([deployedNamespace, STAGE_DIMENSION])
})

test('an invocation that ran out of time publishes what it has done', async () => {
  for (const stage of ['large-transactions', 'card-spend']) {
    const lambda = await of(stage)
    const { records } = sample('msk-transactions') as { records: Record<string, KafkaEventRecord[]> }
    const [first] = records['transactions-0']!
    const many = Array.from({ length: 2_000 }, (_, n) => ({ ...first!, offset: 100 + n }))
    const event = { eventSource: 'aws:kafka', records: { 'transactions-0': many } }
    let looks = 6
    const hurried = { awsRequestId: 'hurried', getRemainingTimeInMillis: () => (looks-- > 0 ? 60_000 : 4_999) }
    const emf = await emfOf(() => lambda.invoke(event, hurried).catch(() => undefined))
    expect(emf).toMatchObject({ kind: 'batch', requestId: 'hurried', RecordsParked: 0 })
    expect(emf.RecordsRead).toBeGreaterThan(0)
    expect(emf.RecordsRead).toBeLessThan(2_000)
  }
})
