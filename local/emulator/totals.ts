import type { Counts, PartitionReport } from '../../shared/runtime/kafka-event.ts'

/** What is known of a partition, or summed of a stage, since its group began. */
export interface Totals {
  counts: Counts
  batches: number
  /** Of the journal; 0 for a stateless stage. */
  commits: number
  /** Open windows, waiting events and the like. */
  openTimers: number
}

const COUNT_NAMES = [
  'read',
  'counted',
  'filtered',
  'late',
  'parked',
  'duplicatesDropped',
  'lateWindows',
  'partialMatchesDropped',
  'emitted',
  'keptEventsDropped',
] as const satisfies readonly (keyof Counts)[]

export function zeroTotals(): Totals {
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
  return { counts, batches: 0, commits: 0, openTimers: 0 }
}

/** The sum of all. */
export function sumTotals(all: Iterable<Totals>): Totals {
  const sum = zeroTotals()
  for (const each of all) {
    for (const name of COUNT_NAMES) sum.counts[name] += each.counts[name]
    sum.batches += each.batches
    sum.commits += each.commits
    sum.openTimers += each.openTimers
  }
  return sum
}

/** Totals after an invocation: a stateful stage reports what stands in its journal, a stateless one is summed up here. */
export function afterReport(before: Totals, report: PartitionReport, stateful: boolean): Totals {
  const counts = zeroTotals().counts
  for (const name of COUNT_NAMES)
    counts[name] = stateful ? report.totals[name] : before.counts[name] + report.counts[name]
  return { counts, batches: before.batches, commits: report.seq, openTimers: report.openTimers }
}

/** Totals as the text that is stored beside a committed offset, so that both move together; the rest is the journal's. */
export function totalsToMetadata(totals: Totals): string {
  const counts = COUNT_NAMES.map((name) => totals.counts[name])
  return JSON.stringify({ millrace: 1, counts, also: [totals.batches] })
}

/** Reads {@link totalsToMetadata}; zero for the text of someone else, which a group's metadata may be. */
export function totalsFromMetadata(metadata: string): Totals {
  const totals = zeroTotals()
  const { counts, also } = storedIn(metadata)
  for (const [index, name] of COUNT_NAMES.entries()) totals.counts[name] = countAt(counts, index)
  totals.batches = countAt(also, 0)
  return totals
}

function storedIn(metadata: string): { readonly counts?: unknown; readonly also?: unknown } {
  if (!metadata.startsWith('{"millrace":1,')) return {}
  try {
    return JSON.parse(metadata) as object
  } catch {
    return {}
  }
}

function countAt(list: unknown, index: number): number {
  const count: unknown = Array.isArray(list) ? list[index] : undefined
  return Number.isSafeInteger(count) ? (count as number) : 0
}
