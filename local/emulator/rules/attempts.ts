import type { BrokerRecord } from '../../../shared/broker/broker.ts'
import type { MappingSettings } from '../settings.ts'

const RETRIES_WITH_DESTINATION = 10

/** Records that go to the function together: a batch, or what is left of one. */
export interface Work {
  /** By partition, in offset order within each. */
  readonly records: readonly BrokerRecord[]
  /** Attempts that count against the maximum. */
  readonly attempts: number
  /** Attempts that failed or were throttled, one after the other: what the pause follows. */
  readonly failures: number
  /** Times that the function was given these records. */
  readonly invocations: number
}

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: 'success' }
  /** The function named records that failed. */
  | { readonly kind: 'partial'; readonly failed: readonly BrokerRecord[] }
  /** The function named records that it was not given: all count as failed. */
  | { readonly kind: 'invalid' }
  /** The function threw, or ran out of time. */
  | { readonly kind: 'error' }
  /** The function was not reached. */
  | { readonly kind: 'throttled' }

export type AttemptRules = Pick<MappingSettings, 'retriesMax' | 'bisect' | 'bisectAttempts' | 'partialWithBisect'>

/** What an attempt leaves: records that are given up, and work to be done, in this order. The rest is done. */
export interface Aftermath {
  readonly exhausted: readonly BrokerRecord[]
  readonly again: readonly Work[]
}

/** All records of a batch, before the first attempt. */
export const newWork = (records: readonly BrokerRecord[]): Work => ({
  records,
  attempts: 0,
  failures: 0,
  invocations: 0,
})

/** Rules 8, 10, 11 and 13. */
export function afterAttempt(work: Work, outcome: Outcome, rules: AttemptRules): Aftermath {
  if (outcome.kind === 'success') return { exhausted: [], again: [] }
  const failures = work.failures + 1
  if (outcome.kind === 'throttled') return { exhausted: [], again: [{ ...work, failures }] }
  const records = outcome.kind === 'partial' ? outcome.failed : work.records
  const splits = rules.bisect && records.length > 1 && mayBeSplit(outcome, rules)
  const attempts = splits && rules.bisectAttempts === 'free' ? work.attempts : work.attempts + 1
  if (attempts > rules.retriesMax) return { exhausted: records, again: [] }
  const parts = splits ? halves(records) : [records]
  const invocations = work.invocations + 1
  return { exhausted: [], again: parts.map((part) => ({ records: part, attempts, failures, invocations })) }
}

function mayBeSplit({ kind }: Outcome, { partialWithBisect }: AttemptRules): boolean {
  return kind === 'error' || (kind === 'partial' && partialWithBisect === 'split')
}

function halves<T>(items: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

/** Rule 11: how many attempts there may be after the first. On-demand mode knows no end. */
export function retriesMaxOf(
  { retriesMax, pollersMax }: Pick<MappingSettings, 'retriesMax' | 'pollersMax'>,
  hasDestination: boolean,
): number {
  if (pollersMax === 0) return Number.POSITIVE_INFINITY
  if (retriesMax >= 0) return retriesMax
  return hasDestination ? RETRIES_WITH_DESTINATION : Number.POSITIVE_INFINITY
}

/** Rule 11: a record exactly as old as it may be is young. `ageMaxMs` -1: all are. */
export function byAge(
  records: readonly BrokerRecord[],
  nowMs: number,
  ageMaxMs: number,
): { readonly old: readonly BrokerRecord[]; readonly young: readonly BrokerRecord[] } {
  if (ageMaxMs < 0) return { old: [], young: records }
  const isOld = ({ timestampMs }: BrokerRecord): boolean => nowMs - timestampMs > ageMaxMs
  return { old: records.filter(isOld), young: records.filter((record) => !isOld(record)) }
}

/** Pause in ms after the n-th failure in a row; the first is 1. */
export function pauseAfterMs(
  failures: number,
  { retryFirstMs, retryMaxMs }: Pick<MappingSettings, 'retryFirstMs' | 'retryMaxMs'>,
): number {
  return Math.min(retryMaxMs, retryFirstMs * 2 ** (failures - 1))
}

/** Rule 9: offset of the first record of each partition that is still to be done. */
export function firstOpen(open: readonly Work[]): Map<number, number> {
  const first = new Map<number, number>()
  for (const { records } of open)
    for (const { partition, offset } of records)
      first.set(partition, Math.min(offset, first.get(partition) ?? Number.POSITIVE_INFINITY))
  return first
}
