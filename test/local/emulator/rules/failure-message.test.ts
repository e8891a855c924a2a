import { describe, expect, it } from 'vitest'
import { eventOf } from '../../../../local/emulator/event-builder.ts'
import {
  type DestinationKind,
  type Failure,
  failureMessages,
} from '../../../../local/emulator/rules/failure-message.ts'
import { awsDefaults } from '../../../../local/emulator/settings.ts'
import type { BrokerRecord } from '../../../../shared/broker/broker.ts'
import { recordAt } from '../record.ts'

const source = { eventSource: 'aws:kafka', eventSourceArn: 'arn:cluster', bootstrapServers: 'a:9092' } as const
const records = [
  recordAt(0, 5, { timestampMs: 1_700_000_000_000, key: Buffer.from('k') }),
  recordAt(0, 9, { timestampMs: 1_700_000_060_000 }),
  recordAt(1, 2, { timestampMs: 1_700_000_001_000, value: Buffer.from('{}') }),
]
const failure: Failure = {
  condition: 'RetryAttemptsExhausted',
  requestId: 'id',
  functionArn: 'arn:function',
  invocations: 3,
  functionError: true,
  atMs: 1_700_000_100_000,
}
const event = (some: readonly BrokerRecord[]) => eventOf(source, awsDefaults, some)
const send = (kind: DestinationKind, changes: Partial<Failure> = {}) =>
  failureMessages(kind, records, { ...failure, ...changes }, event)

const envelope = {
  requestContext: {
    requestId: 'id',
    functionArn: 'arn:function',
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 3,
  },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  version: '1.0',
  timestamp: '2023-11-14T22:15:00.000Z',
}
const batchInfo = {
  batchSize: 3,
  eventSourceArn: 'arn:cluster',
  bootstrapServers: 'a:9092',
  payloadSize: Buffer.byteLength(JSON.stringify(event(records))),
  recordsInfo: {
    'orders-0': {
      firstRecordOffset: '5',
      lastRecordOffset: '9',
      firstRecordTimestamp: '2023-11-14T22:13:20.000Z',
      lastRecordTimestamp: '2023-11-14T22:14:20.000Z',
    },
    'orders-1': {
      firstRecordOffset: '2',
      lastRecordOffset: '2',
      firstRecordTimestamp: '2023-11-14T22:13:21.000Z',
      lastRecordTimestamp: '2023-11-14T22:13:21.000Z',
    },
  },
}

describe('what is given up is told', () => {
  it.each(['sqs', 'sns'] as const)('to %s in one message that says where the records were', (kind) => {
    expect(send(kind)).toEqual([{ key: null, body: { ...envelope, KafkaBatchInfo: batchInfo } }])
  })

  it('to a bucket with the event as text', () => {
    const payload = JSON.stringify(event(records))
    expect(send('s3')).toEqual([{ key: null, body: { ...envelope, KafkaBatchInfo: batchInfo, payload } }])
  })

  it('to a Kafka topic in one message for each record, under its key, with its event', () => {
    const messages = send('kafka')
    expect(messages.map(({ key }) => key?.toString())).toEqual(['k', undefined, undefined])
    expect(messages.map(({ body }) => body.payload)).toEqual(records.map((record) => event([record])))
    expect(messages[1]!.body.KafkaBatchInfo).toEqual({
      batchSize: 1,
      eventSourceArn: 'arn:cluster',
      bootstrapServers: 'a:9092',
      payloadSize: Buffer.byteLength(JSON.stringify(event([records[1]!]))),
      recordInfo: { offset: '9', timestamp: '2023-11-14T22:14:20.000Z' },
    })
  })

  it('without an answer of the function, if it was not invoked', () => {
    expect(send('sqs', { functionError: undefined })[0]!.body.responseContext).toBeNull()
    expect(send('sqs', { functionError: false })[0]!.body.responseContext).toMatchObject({ functionError: null })
  })
})
