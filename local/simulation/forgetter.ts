import { RESERVED } from '../../shared/engine/key.ts'
import { State } from '../../shared/engine/state.ts'
import { Journal } from '../../shared/journal/journal.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { Mapping } from './mapping.ts'
import type { Surroundings } from './surroundings.ts'
import { uncompressed } from './uncompressed.ts'

/** Now and then somebody wants a key erased that there is state of, from one partition or from all, whatever else goes on. */
export async function forgetSome(
  mapping: Mapping,
  { faults, scheduler, ports }: Surroundings,
  store: JournalStore,
): Promise<void> {
  if (!faults.strikes('forgotten')) return
  const { processor, generation, source } = mapping.stage
  const partition = scheduler.dice.between(0, source.partitions - 1)
  const scope = { processor, generation, partition }
  const state = await new Journal(store, scope, ports.journalSettings, uncompressed).load(() => new State())
  const keys = [...new Set([...state.cells()].map(({ key }) => key))].filter((key) => !key.startsWith(RESERVED))
  if (keys.length === 0) return
  const event = { millrace: 'forget', keys: [scheduler.dice.pick(keys)] } as const
  await mapping.control(scheduler.dice.chance(0.5) ? event : { ...event, partition })
}
