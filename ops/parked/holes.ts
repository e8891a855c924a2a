import { Holes } from '../../shared/engine/holes.ts'
import { RESERVED } from '../../shared/engine/key.ts'
import { asideKey, ParkedCells } from '../../shared/engine/parked-cells.ts'
import { ParkedKeys } from '../../shared/engine/parked-keys.ts'
import { State } from '../../shared/engine/state.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import { cellOf, type ParkedRecord } from '../../shared/runtime/parking.ts'
import { cellAt } from '../journal/cell-history.ts'
import { keyHistory } from '../journal/key-history.ts'

/**
 * Where a parked record is by now. 'waiting': it can be redriven. 'held': not before the parked records of its key that
 * came before it. 'done': applied or given up. 'unknown': its stage keeps no state. 'to read': a piece of state that
 * cannot be put back. 'no stage': of a processor that is declared no more.
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

/** Asks journals, each once, about some of these records. */
export function standingOf(
  journal: JournalStore,
  plan: Plan,
  records: readonly ParkedRecord[],
): (parked: ParkedRecord) => Promise<Standing> {
  const aside = new Set(records.flatMap((each) => cellOf(each) ?? []).map(({ key }) => asideKey(key)))
  const known = new Map<string, Promise<Partition>>()
  return async (parked) => {
    const stage = stageOf(plan, parked)
    if (stage === undefined) return { state: 'no stage', behind: 0 }
    if (!stage.stateful) return { state: 'unknown', behind: 0 }
    const name = journalName({ ...stage, partition: parked.partition })
    const read = known.get(name) ?? partitionOf(journal, name, aside)
    known.set(name, read)
    const { holes, keys, cells } = await read
    const cell = cellOf(parked)
    if (cell !== undefined)
      return { state: cells.find(cell.key, cell.cell) === undefined ? 'done' : 'waiting', behind: 0 }
    if (parked.kind === 'cell') return { state: 'to read', behind: 0 }
    if (!holes.has(parked.offset)) return { state: 'done', behind: 0 }
    if (!stage.holdsKeys) return { state: 'waiting', behind: 0 }
    const behind = keys.behind(parked.offset)
    return behind === undefined ? { state: 'held', behind: 0 } : { state: 'waiting', behind }
  }
}

interface Partition {
  readonly holes: Holes
  readonly keys: ParkedKeys
  readonly cells: ParkedCells
}

async function partitionOf(journal: JournalStore, name: string, aside: ReadonlySet<string>): Promise<Partition> {
  const own = ['holes', 'parked', 'parked-at'].map((each) => RESERVED + each)
  const history = await keyHistory(journal, name, new Set([...own, ...aside]))
  const state = new State()
  for (const cell of history?.cells ?? []) {
    const then = cellAt(cell, history!.heads.at(-1)!.seq)
    if (typeof then !== 'string') state.load({ key: cell.key, id: cell.id, ...then })
  }
  const holes = new Holes(state)
  return { holes, keys: new ParkedKeys(state, holes), cells: new ParkedCells(state) }
}
