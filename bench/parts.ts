import { processors } from '../functions/index.ts'
import { memoryBroker } from '../shared/broker/memory.ts'
import type { JournalStore } from '../shared/journal/store.ts'
import { plan, type Stage } from '../shared/processor/index.ts'
import type { InvocationContext } from '../shared/runtime/deadline.ts'
import type { Ports } from '../shared/runtime/ports.ts'

/** The three processors that read transactions. */
export const TRANSACTION_PROCESSORS = ['large-transactions', 'card-spend', 'fraud-detection'] as const

/** The stage of a processor that ships; undefined when it is not in the list. */
export function stageOf(name: string): Stage | undefined {
  return plan(processors).stages.find(({ id }) => id === name)
}

/** What a sink that only counts has been given. */
export interface Published {
  records: number
  rows: number
}

/** The given journal, and sinks that only count. */
export function countingPorts(journal: JournalStore): Ports & { readonly published: Published } {
  const published: Published = { records: 0, rows: 0 }
  return {
    published,
    journal,
    topics: {
      append: async (_topic, _partition, records) => {
        published.records += records.length
      },
      close: async () => {},
    },
    tables: {
      write: async (_table, rows) => {
        published.rows += rows.length
        return { written: rows.length, refused: 0, foreign: 0 }
      },
      close: async () => {},
    },
    // No settings were ever given: the rules run as they are declared.
    rows: { read: async () => undefined },
    broker: memoryBroker(),
    clock: { nowMs: () => Date.now() },
    log: () => {},
  }
}

/** An invocation that has all the time it needs. */
export const context: InvocationContext = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 900_000 }
