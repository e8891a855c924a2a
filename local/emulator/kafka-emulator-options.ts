import type { InvocationContext } from './environment.ts'
import type { EventSource } from './event-builder.ts'
import type { Faults } from './faults.ts'
import type { DestinationKind } from './rules/failure-message.ts'
import type { MappingSettings } from './settings.ts'

/** What a {@link KafkaEmulator} is made of. `Event` is what the function says it takes. */
export interface KafkaEmulatorOptions<Event> {
  readonly topic: string
  /** 1 unless given. */
  readonly partitions?: number
  /** The function under test, as it is deployed. */
  readonly handler: (event: Event, context: InvocationContext) => unknown
  /** What differs from AWS's defaults; `pollersMax` makes it provisioned mode. */
  readonly settings?: Partial<MappingSettings>
  /** 3 s unless given, as in AWS. */
  readonly timeoutMs?: number
  /** Gives an on-failure destination; what it is sent is in `failures`. */
  readonly onFailure?: DestinationKind
  readonly faults?: Faults
  readonly eventSource?: EventSource
  /** Epoch ms at which the clock stands. */
  readonly nowMs?: number
}
