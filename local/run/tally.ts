import type { Counts } from '../../shared/engine/counts.ts'
import { addCounts, countsBalance, zeroCounts } from '../../shared/engine/counts.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Totals } from '../emulator/totals.ts'

/** What is known of one stage of a processor. */
export interface StageTotals {
  readonly name: Stage['name']
  readonly totals: Totals
}

/** Counts of a processor as a whole, over records of its sources. */
export interface Tally extends Counts {
  readonly batches: number
  readonly commits: number
  readonly openTimers: number
}

/**
 * A processor's counts from those of its stages.
 *
 * A re-key is two stages (of several sources, each has a first one). The first reads the source; what it counts goes to the internal topic, which the second reads:
 * those records must not be counted twice, and are none of the source's when they are there twice. So a record that the
 * first stage counted is taken up by the second, with the fate it has there; a repeat that the second drops is a repeat
 * of an internal record and not of a source record, and is left out. (Where the steps before the re-key make several
 * records of one, each of those counts as a record.)
 */
export function tally(stages: readonly StageTotals[]): Tally {
  const main = stages.find(({ name }) => name === 'main')!.totals
  const rekeys = rekeysOf(stages)
  const { openTimers } = main
  if (rekeys.length === 0) return { ...main.counts, batches: main.batches, commits: main.commits, openTimers }
  const [first, second] = [sumOf(rekeys), main.counts]
  return {
    ...zeroCounts(),
    read: first.read - first.counted + second.read - second.duplicatesDropped,
    counted: second.counted,
    filtered: first.filtered + second.filtered,
    late: first.late + second.late,
    parked: first.parked + second.parked,
    duplicatesDropped: first.duplicatesDropped,
    lateWindows: second.lateWindows,
    partialMatchesDropped: second.partialMatchesDropped,
    keptEventsDropped: second.keptEventsDropped,
    emitted: second.emitted,
    batches: rekeys.reduce((sum, { batches }) => sum + batches, main.batches),
    commits: main.commits,
    openTimers,
  }
}

/**
 * What is wrong with a processor's counts once it is drained, or undefined. Every record read has one fate, in each
 * stage; and what the first stage of a re-key put into the internal topic, the second has read.
 */
export function imbalance(stages: readonly StageTotals[]): string | undefined {
  for (const { name, totals } of stages) {
    const { counts } = totals
    if (!countsBalance(counts)) return `stage ${name} read ${counts.read}, but ${describe(counts)}`
  }
  const rekeys = rekeysOf(stages)
  const { emitted } = sumOf(rekeys)
  const main = stages.find(({ name }) => name === 'main')!.totals.counts
  if (rekeys.length === 0 || emitted === main.read - main.duplicatesDropped) return undefined
  return `${rekeys.length === 1 ? 'stage rekey' : 'the stages that re-key'} put out ${emitted}, but stage main took ${main.read - main.duplicatesDropped}`
}

const rekeysOf = (stages: readonly StageTotals[]): Totals[] =>
  stages.filter(({ name }) => name !== 'main').map(({ totals }) => totals)

const sumOf = (all: readonly Totals[]): Counts => all.reduce((sum, { counts }) => addCounts(sum, counts), zeroCounts())

function describe({ counted, filtered, late, parked, duplicatesDropped }: Counts): string {
  return `counted ${counted}, filtered ${filtered}, late ${late}, parked ${parked} and dropped ${duplicatesDropped}`
}
