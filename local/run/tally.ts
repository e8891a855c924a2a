import type { Counts } from '../../shared/engine/counts.ts'
import { countsBalance, zeroCounts } from '../../shared/engine/counts.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Totals } from '../emulator/totals.ts'

/** What is known of one stage of a processor. */
export interface StageTotals {
  readonly name: Stage['name']
  readonly totals: Totals
}

/** Counts of a processor as a whole, over records of its source. */
export interface Tally extends Counts {
  readonly batches: number
  readonly commits: number
  readonly openTimers: number
}

/**
 * A processor's counts from those of its stages.
 *
 * A re-key is two stages. The first reads the source; what it counts goes to the internal topic, which the second reads:
 * those records must not be counted twice, and are none of the source's when they are there twice. So a record that the
 * first stage counted is taken up by the second, with the fate it has there; a repeat that the second drops is a repeat
 * of an internal record and not of a source record, and is left out. (Where the steps before the re-key make several
 * records of one, each of those counts as a record.)
 */
export function tally(stages: readonly StageTotals[]): Tally {
  const main = stages.find(({ name }) => name === 'main')!.totals
  const rekey = stages.find(({ name }) => name === 'rekey')?.totals
  const { openTimers } = main
  if (!rekey) return { ...main.counts, batches: main.batches, commits: main.commits, openTimers }
  const [first, second] = [rekey.counts, main.counts]
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
    emitted: second.emitted,
    batches: rekey.batches + main.batches,
    commits: rekey.commits + main.commits,
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
  const rekey = stages.find(({ name }) => name === 'rekey')?.totals.counts
  const main = stages.find(({ name }) => name === 'main')!.totals.counts
  if (!rekey || rekey.emitted === main.read - main.duplicatesDropped) return undefined
  return `stage rekey put out ${rekey.emitted}, but stage main took ${main.read - main.duplicatesDropped}`
}

function describe({ counted, filtered, late, parked, duplicatesDropped }: Counts): string {
  return `counted ${counted}, filtered ${filtered}, late ${late}, parked ${parked} and dropped ${duplicatesDropped}`
}
