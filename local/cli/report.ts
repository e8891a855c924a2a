import Table from 'cli-table3'
import colors from 'picocolors'
import type { ProcessorSummary, Summary } from '../run/summary.ts'
import { duration, grouped, mebibytes } from './numbers.ts'

const HEAD = [
  'processor',
  'read',
  'counted',
  'filtered',
  'late',
  'parked',
  'emitted',
  'repeats',
  'batches',
  'commits',
  'db writes',
  'db reads',
  'batch p50/p99 ms',
]

/** The summary for people: a table and a few sentences. */
export function reportText(summary: Summary): string {
  const table = new Table({
    head: HEAD,
    style: { head: [], border: [] },
    colAligns: HEAD.map((_, n) => (n === 0 ? 'left' : 'right')),
  })
  for (const [name, processor] of Object.entries(summary.processors)) table.push([name, ...row(processor)])
  const { produced, elapsedMs, recordsPerSecond, peakRssBytes, problems } = summary
  const law = problems.length > 0 ? problems.map((problem) => colors.red(`Does not add up: ${problem}`)) : [LAW]
  return [
    table.toString(),
    `${grouped(produced)} records produced in ${duration(elapsedMs)}, ${grouped(recordsPerSecond)} read per second over all processors, at most ${mebibytes(peakRssBytes)} of memory.`,
    ...law,
  ].join('\n')
}

const LAW = 'Every record read is counted, filtered, late, parked or a dropped repeat: the five add up.'

function row(processor: ProcessorSummary): string[] {
  const { read, counted, filtered, late, parked, emitted, duplicatesDropped, batches, commits, dynamodb, batchMs } =
    processor
  const numbers = [read, counted, filtered, late, parked, emitted, duplicatesDropped, batches, commits]
  return [
    ...[...numbers, dynamodb.writes, dynamodb.reads].map(grouped),
    `${batchMs.p50.toFixed(1)} / ${batchMs.p99.toFixed(1)}`,
  ]
}
