import { countsBalance } from '../../../shared/engine/counts.ts'
import { State } from '../../../shared/engine/state.ts'
import { Journal, type JournalSettings } from '../../../shared/journal/journal.ts'
import type { JournalStore } from '../../../shared/journal/store.ts'
import type { Stage } from '../../../shared/processor/plan-types.ts'
import type { Appended } from './topology.ts'

/**
 * What the journals of a stage say in the end, against what stands in its source: every record was read once and has one
 * fate, nothing is open any more, and nothing is damaged.
 */
export async function bookProblems(
  { processor, generation, source }: Stage,
  store: JournalStore,
  settings: JournalSettings,
  appended: readonly Appended[],
): Promise<string[]> {
  const problems: string[] = []
  for (let partition = 0; partition < source.partitions; partition++) {
    const records = appended.filter((record) => record.topic === source.name && record.partition === partition)
    const read = records.filter(({ headers }) => headers['mr-progress'] === undefined).length
    const journal = new Journal(store, { processor, generation, partition }, settings)
    const state = await journal.load(() => new State())
    const head = journal.last?.head
    if (head === undefined) {
      if (read > 0) problems.push(`${journal.name} has no commit, but ${read} records`)
      continue
    }
    if (head.counts.read !== read) problems.push(`${journal.name} has read ${head.counts.read} records of ${read}`)
    if (head.offset !== records.length - 1) problems.push(`${journal.name} is at ${head.offset} of ${records.length}`)
    if (!countsBalance(head.counts)) problems.push(`${journal.name}: counts do not add up`)
    if (state.openTimers > 0) problems.push(`${journal.name} has ${state.openTimers} open timers`)
  }
  return problems
}
