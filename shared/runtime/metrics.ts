import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { Counts, InvocationReport } from './kafka-event.ts'

export const NAMESPACE = 'Millrace'

/** Counts of an invocation by the name of their metric: what is read, its fates, which add up to it, and what came of it. */
const countMetrics = {
  RecordsRead: 'read',
  RecordsCounted: 'counted',
  RecordsFiltered: 'filtered',
  RecordsLate: 'late',
  RecordsParked: 'parked',
  DuplicatesDropped: 'duplicatesDropped',
  Emitted: 'emitted',
  PartialMatchesDropped: 'partialMatchesDropped',
  KeptEventsDropped: 'keptEventsDropped',
} as const satisfies Record<string, keyof Counts>

/** Metrics that log events of the runtime carry; by the name that they have there. */
export const eventMetrics = ['OffsetGap', 'SourceChanged', 'ForeignRows', 'HolesFull', 'TickHold'] as const

/** Everything that a stage reports of itself. */
export const metricNames: readonly string[] = [
  ...Object.keys(countMetrics),
  'Commits',
  'BucketWrites',
  'EventTimeLag',
  'HeldRecords',
  ...eventMetrics,
]

/** Metrics of one stage, gathered over an invocation and written at its end. */
export interface StageMetrics {
  /** What the invocation did. Counts are given with their zeros: a formula over a metric that is missing has no result. */
  addReport(report: InvocationReport, nowMs: number): void
  /** What a log event carried. */
  addEvent(metrics: Readonly<Record<string, unknown>>): void
  /** Writes what was gathered, if anything, in one line beside which these facts stand. */
  publish(facts: Readonly<Record<string, string>>): void
}

/**
 * Writes metrics to stdout in CloudWatch's embedded metric format, with the stage as the only dimension. Powertools
 * writes to the stream itself; a line that goes through Lambda's `console.log` would be wrapped and never be found.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function stageMetrics(stage: string): StageMetrics {
  const metrics = new Metrics({ namespace: NAMESPACE })
  // Without this every metric would exist per `service` as well.
  metrics.clearDefaultDimensions()
  metrics.setDefaultDimensions({ stage })
  return {
    addReport({ partitions, kind }, nowMs) {
      for (const [name, count] of Object.entries(countMetrics))
        metrics.addMetric(
          name,
          MetricUnit.Count,
          sum(partitions, ({ counts }) => counts[count]),
        )
      metrics.addMetric(
        'Commits',
        MetricUnit.Count,
        sum(partitions, ({ commits }) => commits),
      )
      metrics.addMetric(
        'BucketWrites',
        MetricUnit.Count,
        sum(partitions, ({ bucketWrites }) => bucketWrites),
      )
      // Of processors that hold keys only: the partition where most waits.
      const held = partitions.flatMap(({ held }) => held ?? [])
      if (held.length > 0) metrics.addMetric('HeldRecords', MetricUnit.Count, Math.max(...held))
      // One figure an invocation, the partition that is furthest behind; a silent partition has no lag.
      const heard = partitions.filter(({ counts, streamTimeMs }) => counts.read > 0 && streamTimeMs >= 0)
      if (kind !== 'batch' || heard.length === 0) return
      const oldestMs = Math.min(...heard.map(({ streamTimeMs }) => streamTimeMs))
      metrics.addMetric('EventTimeLag', MetricUnit.Milliseconds, nowMs - oldestMs)
    },
    addEvent(carried) {
      for (const name of eventMetrics) {
        const value = carried[name]
        if (typeof value === 'number') metrics.addMetric(name, MetricUnit.Count, value)
      }
    },
    publish(facts) {
      if (!metrics.hasStoredMetrics()) return
      for (const [name, fact] of Object.entries(facts)) metrics.addMetadata(name, fact)
      metrics.publishStoredMetrics()
    },
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
