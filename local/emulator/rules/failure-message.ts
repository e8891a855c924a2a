import type { BrokerRecord } from '../../../shared/broker/broker.ts'
import type { KafkaEvent } from '../../../shared/runtime/kafka-event.ts'

/** Where records go that are given up: queue and topic get where they were, bucket and Kafka topic what they were. */
export type DestinationKind = 'sqs' | 'sns' | 's3' | 'kafka'

/** Why, and after what. */
export interface Failure {
  readonly condition: string
  readonly requestId: string
  readonly functionArn: string
  readonly invocations: number
  /** Did the last invocation end in an error? undefined: the function was not invoked. */
  readonly functionError: boolean | undefined
  readonly atMs: number
}

/** What the destination is sent. */
export interface FailureMessage {
  /** Key of the Kafka record: that of the record given up. null for other kinds. */
  readonly key: Uint8Array | null
  readonly body: FailureBody
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html */
export interface FailureBody {
  readonly requestContext: {
    readonly requestId: string
    readonly functionArn: string
    readonly condition: string
    readonly approximateInvokeCount: number
  }
  readonly responseContext: {
    readonly statusCode: 200
    readonly executedVersion: '$LATEST'
    readonly functionError: 'Unhandled' | null
  } | null
  readonly version: '1.0'
  /** ISO 8601. */
  readonly timestamp: string
  readonly KafkaBatchInfo: {
    readonly batchSize: number
    readonly eventSourceArn?: string
    readonly bootstrapServers?: string
    readonly payloadSize: number
    /** By `topic-partition`; for queue, topic and bucket. */
    readonly recordsInfo?: Readonly<Record<string, RecordsInfo>>
    /** For a Kafka topic. */
    readonly recordInfo?: { readonly offset: string; readonly timestamp: string }
  }
  /** The event: as JSON text for a bucket, as an object for a Kafka topic. */
  readonly payload?: string | KafkaEvent
}

/** Offsets and times (ISO 8601) of the first and the last record of a partition. */
export interface RecordsInfo {
  readonly firstRecordOffset: string
  readonly lastRecordOffset: string
  readonly firstRecordTimestamp: string
  readonly lastRecordTimestamp: string
}

/** Rule 12: one message for each record for a Kafka topic, one for all of them otherwise. */
export function failureMessages(
  kind: DestinationKind,
  records: readonly BrokerRecord[],
  failure: Failure,
  eventOf: (records: readonly BrokerRecord[]) => KafkaEvent,
): FailureMessage[] {
  if (kind !== 'kafka') return [{ key: null, body: bodyOf(kind, records, failure, eventOf(records)) }]
  return records.map((record) => ({ key: record.key, body: bodyOf(kind, [record], failure, eventOf([record])) }))
}

function bodyOf(
  kind: DestinationKind,
  records: readonly BrokerRecord[],
  failure: Failure,
  event: KafkaEvent,
): FailureBody {
  const { records: _, eventSource: __, ...source } = event
  const text = JSON.stringify(event)
  const [first] = records
  return {
    requestContext: {
      requestId: failure.requestId,
      functionArn: failure.functionArn,
      condition: failure.condition,
      approximateInvokeCount: failure.invocations,
    },
    responseContext: responseContext(failure),
    version: '1.0',
    timestamp: iso(failure.atMs),
    KafkaBatchInfo: {
      batchSize: records.length,
      ...source,
      payloadSize: Buffer.byteLength(text),
      ...(kind === 'kafka'
        ? { recordInfo: { offset: String(first!.offset), timestamp: iso(first!.timestampMs) } }
        : { recordsInfo: recordsInfo(records) }),
    },
    ...(kind === 's3' && { payload: text }),
    ...(kind === 'kafka' && { payload: event }),
  }
}

function responseContext({ functionError }: Failure): FailureBody['responseContext'] {
  if (functionError === undefined) return null
  return { statusCode: 200, executedVersion: '$LATEST', functionError: functionError ? 'Unhandled' : null }
}

function recordsInfo(records: readonly BrokerRecord[]): Record<string, RecordsInfo> {
  const info: Record<string, RecordsInfo> = {}
  for (const { topic, partition, offset, timestampMs } of records) {
    const name = `${topic}-${partition}`
    const last = { lastRecordOffset: String(offset), lastRecordTimestamp: iso(timestampMs) }
    const first = { firstRecordOffset: String(offset), firstRecordTimestamp: iso(timestampMs) }
    info[name] = { ...first, ...info[name], ...last }
  }
  return info
}

const iso = (ms: number): string => new Date(ms).toISOString()
