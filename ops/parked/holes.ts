import { Holes } from '../../shared/engine/holes.ts'
import { RESERVED } from '../../shared/engine/key.ts'
import { State } from '../../shared/engine/state.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { cellAt } from '../journal/cell-history.ts'
import { keyHistory } from '../journal/key-history.ts'

/**
 * Where a parked record is by now. 'waiting': it can be redriven. 'done': applied or given up. 'unknown': its stage keeps
 * no state. 'to read': a piece of state whose timer failed. 'no stage': of a processor that is declared no more.
 */
export type Whereabouts = 'waiting' | 'done' | 'unknown' | 'to read' | 'no stage'

/** The stage that parked it; undefined when it is declared no more. */
export const stageOf = (plan: Plan, { processor, generation, stage }: ParkedRecord): Stage | undefined =>
  plan.stages.find((each) => each.processor === processor && each.generation === generation && each.name === stage)

/** Asks journals, each once. */
export function whereaboutsOf(journal: JournalStore, plan: Plan): (parked: ParkedRecord) => Promise<Whereabouts> {
  const known = new Map<string, Promise<Holes>>()
  return async (parked) => {
    const stage = stageOf(plan, parked)
    if (stage === undefined) return 'no stage'
    if (parked.kind !== 'record') return 'to read'
    if (!stage.stateful) return 'unknown'
    const name = journalName({ ...stage, partition: parked.partition })
    const holes = known.get(name) ?? holesOf(journal, name)
    known.set(name, holes)
    return (await holes).has(parked.offset) ? 'waiting' : 'done'
  }
}

async function holesOf(journal: JournalStore, name: string): Promise<Holes> {
  const history = await keyHistory(journal, name, new Set([`${RESERVED}holes`]))
  const state = new State()
  for (const cell of history?.cells ?? []) {
    const then = cellAt(cell, history!.heads.at(-1)!.seq)
    if (typeof then !== 'string') state.load({ key: cell.key, id: cell.id, ...then })
  }
  return new Holes(state)
}
