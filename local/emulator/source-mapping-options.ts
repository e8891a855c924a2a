import type { Broker } from '../../shared/broker/broker.ts'
import type { Clock } from './clock.ts'
import type { Handler } from './environment.ts'
import type { EventSource } from './event-builder.ts'
import type { Faults } from './faults.ts'
import type { DestinationKind, FailureMessage } from './rules/failure-message.ts'
import type { MappingSettings } from './settings.ts'

/** Where records go that are given up. */
export interface Destination {
  readonly kind: DestinationKind
  /** Tried again until it resolves; the partitions wait. */
  deliver(messages: readonly FailureMessage[]): Promise<void>
}

/** A mapping of one topic to one function. `Event` is what the function takes; records come as `KafkaEvent`. */
export interface SourceMappingOptions<Event, Answer> {
  readonly functionName: string
  readonly topic: string
  readonly group: string
  readonly broker: Broker
  readonly clock: Clock
  /** Makes the function, once for each environment. */
  readonly newHandler: () => Handler<Event, Answer>
  readonly timeoutMs: number
  readonly eventSource: EventSource
  readonly settings: MappingSettings
  readonly onFailure?: Destination
  readonly faults?: Faults
  /** Told of each failed attempt: of the function, of the destination, or to reach the broker. */
  readonly onError?: (error: unknown, attempt: number) => void
  /** Told of each answer of the function, before anything is committed for it, and the partitions in the event. */
  readonly onAnswer?: (answer: Answer, partitions: readonly number[]) => void
  /** What is stored beside a committed offset; '' otherwise. */
  readonly metadata?: (partition: number) => string
}
