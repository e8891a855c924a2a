/** What functions emit themselves, in embedded metric format: namespace and dimension are the same for all. */
export const NAMESPACE = 'Millrace'
export const STAGE_DIMENSION = 'stage'

/**
 * Metrics of a stage, one set an invocation. All are counts but `EventTimeLag`, in milliseconds. `HeldRecords` is what waits
 * now in one partition, with `park: 'key'`. The counts of records
 * are sent together and with their zeros: metric math over a metric that is missing has no result.
 */
export const stageMetrics = [
  'RecordsRead',
  'RecordsCounted',
  'RecordsFiltered',
  'RecordsLate',
  'RecordsParked',
  'DuplicatesDropped',
  'Emitted',
  'PartialMatchesDropped',
  'KeptEventsDropped',
  'Commits',
  'BucketWrites',
  'EventTimeLag',
  'HeldRecords',
  'OffsetGap',
  'SourceChanged',
  'ForeignRows',
  'HolesFull',
  'TickHold',
] as const

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
export const functionMetrics = ['ConcurrentExecutions', 'Duration', 'Errors', 'Invocations', 'Throttles'] as const

/** Of the event source mapping; the error counts exist only while there are errors. Same page. */
export const mappingMetrics = [
  'CommitErrorCount',
  'CommittedEventCount',
  'DroppedEventCount',
  'MaxOffsetLag',
  'PollingErrorCount',
] as const

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
export const tableMetrics = ['ReadThrottleEvents', 'WriteThrottleEvents'] as const

type Statistic = 'Sum' | 'Maximum' | 'p50' | 'p99'

/** One metric of one resource, as plain values: a misspelt name does not compile. */
export type MetricSpec =
  | { readonly of: 'stage'; readonly name: (typeof stageMetrics)[number]; readonly statistic: Statistic }
  | { readonly of: 'function'; readonly name: (typeof functionMetrics)[number]; readonly statistic: Statistic }
  | { readonly of: 'mapping'; readonly name: (typeof mappingMetrics)[number]; readonly statistic: Statistic }
  | { readonly of: 'table'; readonly name: (typeof tableMetrics)[number]; readonly statistic: Statistic }

export function ofStage(name: (typeof stageMetrics)[number], statistic: Statistic = 'Sum'): MetricSpec {
  return { of: 'stage', name, statistic }
}

export function ofFunction(name: (typeof functionMetrics)[number], statistic: Statistic = 'Sum'): MetricSpec {
  return { of: 'function', name, statistic }
}

export function ofMapping(name: (typeof mappingMetrics)[number], statistic: Statistic = 'Sum'): MetricSpec {
  return { of: 'mapping', name, statistic }
}

export function ofTable(name: (typeof tableMetrics)[number], statistic: Statistic = 'Sum'): MetricSpec {
  return { of: 'table', name, statistic }
}

/** Every record read becomes one of these; that they add up is the proof that none is lost. */
export const fates = {
  counted: ofStage('RecordsCounted'),
  filtered: ofStage('RecordsFiltered'),
  late: ofStage('RecordsLate'),
  parked: ofStage('RecordsParked'),
  repeated: ofStage('DuplicatesDropped'),
}
