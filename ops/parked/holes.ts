import { Holes } from '../../shared/engine/holes.ts'
import { RESERVED } from '../../shared/engine/key.ts'
import { ParkedKeys } from '../../shared/engine/parked-keys.ts'
import { State } from '../../shared/engine/state.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { cellAt } from '../journal/cell-history.ts'
import { keyHistory } from '../journal/key-history.ts'

/**
 * Where a parked record is by now. 'waiting': it can be redriven. 'held': not before the parked records of its key that
 * came before it. 'done': applied or given up. 'unknown': its stage keeps no state. 'to read': a piece of state whose timer failed. 'no stage': of a processor that is declared no more.
 */
export type Whereabouts = 'waiting' | 'held' | 'done' | 'unknown' | 'to read' | 'no stage'

/** The stage that parked it; undefined when it is declared no more. */
export const stageOf = (plan: Plan, { processor, generation, stage }: ParkedRecord): Stage | undefined =>
  plan.stages.find((each) => each.processor === processor && each.generation === generation && each.name === stage)

/** What the journal says of a parked record. `behind`: how many of its key wait behind it. */
export interface Standing {
  readonly state: Whereabouts
  readonly behind: number
}

/** Asks journals, each once. */
export function standingOf(journal: JournalStore, plan: Plan): (parked: ParkedRecord) => Promise<Standing> {
  const known = new Map<string, Promise<Partition>>()
  return async (parked) => {
    const stage = stageOf(plan, parked)
    if (stage === undefined) return { state: 'no stage', behind: 0 }
    if (parked.kind !== 'record') return { state: 'to read', behind: 0 }
    if (!stage.stateful) return { state: 'unknown', behind: 0 }
    const name = journalName({ ...stage, partition: parked.partition })
    const read = known.get(name) ?? partitionOf(journal, name)
    known.set(name, read)
    const { holes, keys } = await read
    if (!holes.has(parked.offset)) return { state: 'done', behind: 0 }
    if (!stage.holdsKeys) return { state: 'waiting', behind: 0 }
    const behind = keys.behind(parked.offset)
    return behind === undefined ? { state: 'held', behind: 0 } : { state: 'waiting', behind }
  }
}

interface Partition {
  readonly holes: Holes
  readonly keys: ParkedKeys
}

async function partitionOf(journal: JournalStore, name: string): Promise<Partition> {
  const history = await keyHistory(
    journal,
    name,
    new Set(['holes', 'parked', 'parked-at'].map((each) => RESERVED + each)),
  )
  const state = new State()
  for (const cell of history?.cells ?? []) {
    const then = cellAt(cell, history!.heads.at(-1)!.seq)
    if (typeof then !== 'string') state.load({ key: cell.key, id: cell.id, ...then })
  }
  const holes = new Holes(state)
  return { holes, keys: new ParkedKeys(state, holes) }
}
