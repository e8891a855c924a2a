import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import type { Forgotten } from '../../shared/runtime/kafka-event.ts'
import { printable } from '../printable.ts'
import { tableText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'
import { addressesOf } from './state-get.ts'

const DAY_MS = 86_400_000

/**
 * Erases a key's state in every processor, and says what it cannot reach. Without `yes` it only says.
 * Again, it does what an interrupted one has not done.
 */
export async function forget(target: Target, plan: Plan, key: string, yes: boolean): Promise<Outcome> {
  const keys = addressesOf(key)
  const stages = plan.stages.filter(({ stateful }) => stateful)
  const unreachable = outOfReach(plan, stages)
  const left = ['What it cannot reach:', ...unreachable.map((each) => `  - ${each}`)].join('\n')
  const shown = printable(JSON.stringify(key))
  if (!yes) {
    const text = `Erases the state of the key ${shown} in ${stages.map(({ id }) => id).join(', ')}. Do it with --yes.\n${left}`
    return { text, json: { key, stages: stages.map(({ id }) => id), unreachable } }
  }
  const erased: { stage: string; cells: number; items: number }[] = []
  for (const stage of stages) {
    const forgotten: Forgotten[] = []
    // One by one: all of a large state would not fit the time of one invocation.
    for (let partition = 0; partition < stage.source.partitions; partition++)
      forgotten.push(...((await target.invoke(stage, { millrace: 'forget', keys, partition })).forgotten ?? []))
    const sum = (of: 'cells' | 'items') => forgotten.reduce((total, each) => total + each[of], 0)
    erased.push({ stage: stage.id, cells: sum('cells'), items: sum('items') })
  }
  const rows = erased.map(({ stage, cells, items }) => [stage, cells, items])
  const table = tableText(['stage', 'pieces of state', 'older items rewritten'], rows)
  return { text: `${table}\n${left}`, json: { key, erased, unreachable } }
}

function outOfReach(plan: Plan, stages: readonly Stage[]): string[] {
  const rings =
    'the key itself, where it was held, and in the commits that delete it: it goes when 256 more have been made there'
  const topics = plan.topics.map(({ name, retentionMs, compacted, role }) =>
    role === 'parked'
      ? `parked records, in the topic ${name}: gone after ${Math.round(retentionMs / DAY_MS)} days`
      : compacted
        ? `records of the topic ${name}, which is compacted: write a delete for the key`
        : `records of the topic ${name}: gone after ${Math.round(retentionMs / DAY_MS)} days`,
  )
  const tables = plan.tables.map(({ physicalName }) => `rows of the table ${physicalName}: delete those with its key`)
  const inside = `what the state of other keys quotes of it, in ${stages.map(({ id }) => id).join(', ')}`
  return [rings, ...topics, ...tables, inside, 'backups of the tables: point-in-time recovery keeps 35 days']
}
