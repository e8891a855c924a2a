import type { MemoryBroker } from '../../shared/broker/memory.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import type { MappingSettings } from '../emulator/index.ts'
import type { Faults } from './faults.ts'
import type { Observer } from './observer.ts'
import type { Scheduler } from './scheduler.ts'

/** What environments and mappings need of the world around them. */
export interface Surroundings {
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly observer: Observer
  /** What the runtime is given, but for the faults. */
  readonly ports: Ports
  /** What the scene says of mappings. */
  readonly mapping: Partial<MappingSettings>
  /** What mappings read from. */
  readonly broker: MemoryBroker
  /** Calls that the service will still refuse, by their failure. */
  readonly throttled: Map<string, number>
  /** All of its state was begun by the code that belongs to it. */
  mayMeetOtherCode(stage: Stage): boolean
}
