import type { Broker } from '../shared/broker/broker.ts'
import type { JournalStore } from '../shared/journal/store.ts'
import type { Stage } from '../shared/processor/plan-types.ts'
import type { ControlEvent, InvocationReport } from '../shared/runtime/kafka-event.ts'
import type { TableReader, TopicSink } from '../shared/sinks/sink.ts'

/** Where the operator's commands work: the laptop run's files, servers by address, or AWS. */
export interface Target {
  readonly broker: Broker
  /** For reading. What changes state goes through {@link invoke}, which the journal's fence orders. */
  readonly journal: JournalStore
  readonly items: JournalItems
  /** For what comes from an operator: changes of settings. */
  readonly topics: Pick<TopicSink, 'append'>
  readonly rows: TableReader
  /**
   * Hands an event to the function of a stage and waits for what it reports.
   * @throws MillraceError what the function failed with
   */
  invoke(stage: Stage, event: ControlEvent): Promise<InvocationReport>
  close(): Promise<void>
}

/** The journal's table as a list of items: for tidying up, and for nothing that is in use. */
export interface JournalItems {
  /** Keys of all items, in any order. */
  keys(): AsyncIterable<readonly string[]>
  delete(keys: readonly string[]): Promise<void>
}

/** What feeds the stages: it can be told to wait. */
export interface Mappings {
  setPaused(stage: Stage, paused: boolean): Promise<void>
}

/** What a command has to say. */
export interface Outcome {
  readonly text: string
  /** The same for programs. */
  readonly json: unknown
  /** False: something was asked for and not done. The exit code is 1 then. */
  readonly ok?: boolean
}
