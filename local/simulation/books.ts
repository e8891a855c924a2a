import { State } from '../../shared/engine/state.ts'
import { Journal, type JournalSettings } from '../../shared/journal/journal.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Appended } from './topology.ts'
import { uncompressed } from './uncompressed.ts'
import { withoutRepeats } from './verdicts.ts'

/**
 * What the journals of a stage say in the end, against what stands in its source: every record was read once, every
 * repeat was dropped as one, nothing is open any more, and nothing is damaged.
 */
export async function bookProblems(
  { id, processor, generation, source, program }: Stage,
  store: JournalStore,
  settings: JournalSettings,
  appended: readonly Appended[],
  skipped: (partition: number) => ReadonlySet<number>,
): Promise<string[]> {
  const problems: string[] = []
  for (let partition = 0; partition < source.partitions; partition++) {
    const records = appended.filter((record) => record.topic === source.name && record.partition === partition)
    const all = records.filter(({ headers }) => headers['mr-progress'] === undefined)
    const read = all.length - skipped(partition).size
    const journal = new Journal(store, { processor, generation, partition }, settings, uncompressed)
    const state = await journal.load(() => new State())
    const head = journal.last?.head
    if (head === undefined) {
      if (read > 0) problems.push(`${journal.name} has no commit, but ${read} records`)
      continue
    }
    const repeats = repeatsIn(all, program.source.taken)
    if (head.counts.read !== read) problems.push(`${journal.name} has read ${head.counts.read} records of ${read}`)
    if (head.counts.duplicatesDropped !== repeats)
      problems.push(`${journal.name} has dropped ${head.counts.duplicatesDropped} repeats of ${repeats}`)
    if (head.offset !== records.length - 1) problems.push(`${journal.name} is at ${head.offset} of ${records.length}`)
    if (state.openTimers > 0) problems.push(`${id} ${partition} has ${state.openTimers} open timers`)
  }
  return problems
}

/** Records of generations that the stage does not take are filtered, repeats or not. */
function repeatsIn(records: readonly Appended[], writers: Stage['program']['source']['taken']): number {
  const taken = records.filter(({ headers: { mr } }) => {
    if (mr === undefined) return false
    const lane = mr.slice(0, mr.indexOf(';'))
    const lastHop = lane.slice(lane.lastIndexOf('>') + 1)
    return writers === undefined || writers.some((each) => lastHop.startsWith(`${each.processor}.${each.generation}.`))
  })
  return taken.length - withoutRepeats(taken).length
}

/** What waits for its time in the journals of a stage. */
export async function openTimers(
  { processor, generation, source }: Stage,
  store: JournalStore,
  settings: JournalSettings,
): Promise<number> {
  let open = 0
  for (let partition = 0; partition < source.partitions; partition++)
    open += (
      await new Journal(store, { processor, generation, partition }, settings, uncompressed).load(() => new State())
    ).openTimers
  return open
}
