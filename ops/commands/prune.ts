import type { Plan } from '../../shared/processor/plan-types.ts'
import { tableText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

/** What is left of a processor, or of a generation of it, that is declared no more. */
interface Left {
  readonly processor: string
  readonly generation: number
  readonly items: string[]
  readonly groups: string[]
}

const ITEM = /^([\w-]+)\.(\d+)\.(?:tick|\d+\.(?:c\.\d+|b\.\d+\.\d+))$/
const GROUP = /^millrace\.([\w-]+)\.(\d+)\.(?:main|rekey(?:-.+)?)$/

/** Lists journal items and consumer groups of what is declared no more; with `yes` they are deleted. */
export async function prune(target: Target, plan: Plan, yes: boolean): Promise<Outcome> {
  const left = await leftOvers(target, plan)
  if (yes)
    for (const { items, groups } of left) {
      await target.items.delete(items)
      for (const group of groups) await target.broker.deleteGroup(group)
    }
  const rows = left.map(({ processor, generation, items, groups }) => [
    processor,
    generation,
    items.length,
    groups.join(', ') || '-',
  ])
  const table = tableText(['processor', 'generation', 'journal items', 'consumer groups'], rows)
  const end =
    left.length === 0
      ? 'Nothing is left of processors that are declared no more.'
      : yes
        ? 'Deleted. Their topics and tables are yours to delete.'
        : 'Nothing is deleted yet: do it with --yes, if no other version of the code that declares them runs anywhere.'
  const json = left.map(({ items, ...each }) => ({ ...each, items: items.length, deleted: yes }))
  return { text: left.length === 0 ? end : `${table}\n${end}`, json }
}

async function leftOvers({ items, broker }: Target, plan: Plan): Promise<Left[]> {
  const declared = new Set(plan.processors.map(({ name, generation }) => `${name}.${generation}`))
  const found = new Map<string, Left>()
  const leftOf = (match: RegExpExecArray | null): Left | undefined => {
    const [, processor, generation] = match ?? []
    const name = `${processor}.${generation}`
    if (processor === undefined || declared.has(name)) return undefined
    const left = found.get(name) ?? { processor, generation: Number(generation), items: [], groups: [] }
    found.set(name, left)
    return left
  }
  for await (const keys of items.keys()) for (const key of keys) leftOf(ITEM.exec(key))?.items.push(key)
  for (const group of await broker.groups()) leftOf(GROUP.exec(group))?.groups.push(group)
  return [...found.values()].sort((a, b) => a.processor.localeCompare(b.processor) || a.generation - b.generation)
}
