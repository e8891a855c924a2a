import type { BrokerRecord } from '../../../shared/broker/broker.ts'
import type { MappingSettings } from '../settings.ts'
import type { Outcome } from './attempts.ts'

/**
 * Rule 7, with `ReportBatchItemFailures`: what a function's answer says of the records that it was given.
 * Not the lowest offset of each partition counts, as for Kinesis, but each record that is named.
 */
export function outcomeOf(
  response: unknown,
  records: readonly BrokerRecord[],
  oddResponses: MappingSettings['oddResponses'],
): Outcome {
  if (response === null || response === undefined) return { kind: 'success' }
  if (typeof response !== 'object' || Array.isArray(response))
    return { kind: oddResponses === 'success' ? 'success' : 'invalid' }
  const list = field(response, 'batchItemFailures')
  if (list === null || list === undefined) return { kind: 'success' }
  if (!Array.isArray(list)) return { kind: 'invalid' }
  const named = new Set(list.map(nameIn))
  const failed = records.filter((record) => named.has(nameOf(record)))
  // Whoever names a record that there is not, or in a way that cannot be read, names more than are found.
  if (failed.length < named.size) return { kind: 'invalid' }
  return failed.length === 0 ? { kind: 'success' } : { kind: 'partial', failed }
}

const nameOf = ({ topic, partition, offset }: BrokerRecord): string => `${topic}-${partition} ${offset}`

/** undefined: it cannot be read. */
function nameIn(item: unknown): string | undefined {
  const identifier = field(item, 'itemIdentifier')
  const partition = field(identifier, 'partition')
  const offset = field(identifier, 'offset')
  return typeof partition === 'string' && typeof offset === 'number' ? `${partition} ${offset}` : undefined
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined
}

/** How a record is named in a list of failures. */
export interface BatchItemFailure {
  /** `partition` is `topic-number`, as in the event's `records`. */
  readonly itemIdentifier: { readonly partition: string; readonly offset: number }
}

/** The answer of a function that names the records that failed. */
export interface PartialBatchResponse {
  readonly batchItemFailures: readonly BatchItemFailure[]
}
