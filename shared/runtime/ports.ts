import type { Broker } from '../broker/broker.ts'
import type { Compression } from '../journal/codec.ts'
import type { JournalSettings } from '../journal/journal.ts'
import type { JournalStore } from '../journal/store.ts'
import type { TableReader, TableSink, TopicSink } from '../sinks/sink.ts'

export interface Clock {
  /** Epoch ms. For idleness, progress records and metrics only: never for identity, order or results. */
  nowMs(): number
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** Takes facts by name; never keys, payloads or secrets. */
export type Log = (level: LogLevel, event: Readonly<Record<string, unknown>>) => void

/** All that the runtime touches of the outside world. */
export interface Ports {
  readonly journal: JournalStore
  readonly topics: TopicSink
  readonly tables: TableSink
  /** Only stages with settings read rows. */
  readonly rows?: TableReader
  readonly broker: Broker
  readonly clock: Clock
  readonly log: Log
  /** For new journals; existing ones keep what their items say. */
  readonly journalSettings?: Partial<JournalSettings>
  /** Of the journal's bodies; default: zstd. */
  readonly compression?: Compression
}
