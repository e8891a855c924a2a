import { createHistogram } from 'node:perf_hooks'
import type { StoreUsage } from '../../shared/journal/store.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import type { StageRun } from './stage-run.ts'
import { imbalance, type StageTotals, type Tally, tally } from './tally.ts'

/** What a run says at its end. */
export interface Summary {
  /** By processor; a generation after the first is `NAME.GENERATION`. Counts are since the state began, the rest of this run. */
  readonly processors: Readonly<Record<string, ProcessorSummary>>
  /** Records that this run has put into source topics. */
  readonly produced: number
  readonly elapsedMs: number
  /** Records of source topics that this run has read, over all processors and per second. */
  readonly recordsPerSecond: number
  readonly peakRssBytes: number
  /** What does not add up; empty when all is well. */
  readonly problems: readonly string[]
}

export interface ProcessorSummary extends Omit<Tally, 'openTimers'> {
  readonly openTimers: number
  readonly dynamodb: StoreUsage
  readonly batchMs: { readonly p50: number; readonly p99: number }
}

/** A processor of the run. */
export interface ProcessorRun {
  readonly name: string
  readonly stages: readonly StageRun[]
}

export function processorRuns({ processors }: Plan, stages: readonly StageRun[]): ProcessorRun[] {
  return processors.map((processor) => ({
    name: processor.generation === 1 ? processor.name : `${processor.name}.${processor.generation}`,
    stages: processor.stages.map((stage) => stages.find((run) => run.stage === stage)!),
  }))
}

export function totalsOf({ stages }: ProcessorRun): StageTotals[] {
  return stages.map(({ stage, mapping }) => ({ name: stage.name, totals: mapping.totals() }))
}

/** Records that the processors have read of their sources, a record once for each processor. */
export function recordsRead(processors: readonly ProcessorRun[]): number {
  const readers = processors.flatMap(({ stages }) => stages.filter(({ stage }) => stage.upstream.length === 0))
  return readers.reduce((sum, { mapping }) => sum + mapping.totals().counts.read, 0)
}

export interface Measured {
  readonly produced: number
  readonly elapsedMs: number
  readonly readBefore: number
}

export function summarize(processors: readonly ProcessorRun[], measured: Measured): Summary {
  const { produced, elapsedMs, readBefore } = measured
  const problems = processors.flatMap((processor) => {
    const problem = imbalance(totalsOf(processor))
    return problem === undefined ? [] : [`${processor.name}: ${problem}`]
  })
  return {
    processors: Object.fromEntries(processors.map((processor) => [processor.name, summaryOf(processor)])),
    produced,
    elapsedMs: Math.round(elapsedMs),
    recordsPerSecond: Math.round(((recordsRead(processors) - readBefore) * 1_000) / elapsedMs),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    problems,
  }
}

function summaryOf(processor: ProcessorRun): ProcessorSummary {
  const { lateWindows, ...rest } = tally(totalsOf(processor))
  const dynamodb: StoreUsage = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 }
  const durations = createHistogram()
  for (const stage of processor.stages) {
    const usage = stage.usage()
    for (const name of ['reads', 'writes', 'readUnits', 'writeUnits'] as const) dynamodb[name] += usage[name]
    durations.add(stage.durations)
  }
  const ms = (percentile: number): number => (durations.count === 0 ? 0 : durations.percentile(percentile) / 1_000)
  return { ...rest, lateWindows, dynamodb, batchMs: { p50: ms(50), p99: ms(99) } }
}
