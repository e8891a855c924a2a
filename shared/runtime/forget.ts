import { RESERVED } from '../engine/key.ts'
import { asideKey } from '../engine/parked-cells.ts'
import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import type { ControlEvent, Forgotten, PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import { reportOf } from './stateful.ts'

/**
 * Erases all state of some keys, in every partition, since nobody can know where others have written them. A commit
 * deletes their cells, and then all that the journal still holds of them is written anew without them. Whatever is
 * interrupted is done by the same event again. A record of such a key that comes later begins anew.
 *
 * @throws MillraceError `EVENT_UNKNOWN`, `DEADLINE`, and what journal and sinks throw
 */
export async function forget(
  stage: Stage,
  owners: Owners,
  { keys, partition: only }: Extract<ControlEvent, { millrace: 'forget' }>,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<Forgotten[]> {
  const isKey = (key: unknown) => typeof key === 'string' && key !== '' && !key.startsWith(RESERVED)
  if (!Array.isArray(keys) || !keys.every(isKey))
    throw new MillraceError('EVENT_UNKNOWN', { given: 'a forget whose keys are no addresses of state' })
  if (!stage.stateful) return []
  const forgotten: Forgotten[] = []
  const partitions = only === undefined ? [...Array(stage.source.partitions).keys()] : [only]
  for (const partition of partitions) {
    if (deadline.reached) throw deadline.error(0, 0)
    const owner = await owners.take(partition, undefined)
    const before = { ...owner.counts }
    if (owner.seq > 0) {
      const cells = await deleteCells(owner, keys)
      forgotten.push({
        partition,
        cells,
        items: await owner.erase(new Set(keys.flatMap((key) => [key, asideKey(key)]))),
      })
    }
    owners.keep(owner)
    reports.push(reportOf(owner, before))
  }
  return forgotten
}

/** Cells that one commit deletes at most. */
const CELLS_MAX = 10_000

/** A commit is made also where there are no cells now: older ones may hold them, and what stands before it can be erased. */
async function deleteCells(owner: Owner, keys: readonly string[]): Promise<number> {
  let deleted = 0
  let most = CELLS_MAX
  for (let conflicts = 0; ; ) {
    let cells = 0
    for (const key of keys) cells += owner.fold.forget(key, most - cells)
    const outcome = await owner.commit('forget')
    if (outcome === 'refused') await owner.takeInOthers(++conflicts)
    else if (outcome === 'too-large') most = Math.max(1, most >> 1)
    else {
      deleted += cells
      if (cells < most) return deleted
    }
  }
}
