import type { Counts } from '../engine/counts.ts'
import type { Redriven } from '../engine/fold-spec.ts'

export type { Counts } from '../engine/counts.ts'

/**
 * What Lambda hands to a function that an Amazon MSK or self-managed Kafka event source mapping invokes.
 * Written from real traffic: keys and values may be null **or absent**, header bytes may be signed.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
export interface KafkaEvent {
  readonly eventSource: 'aws:kafka' | 'SelfManagedKafka'
  readonly eventSourceArn?: string
  readonly bootstrapServers?: string
  /** By `topic-partition`; the name is never parsed, a topic may contain "-". */
  readonly records: Readonly<Record<string, readonly KafkaEventRecord[]>>
}

export interface KafkaEventRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch ms. */
  readonly timestamp: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  /** base64; absent or null: no key. */
  readonly key?: string | null
  readonly value?: string | null
  /** One object with one name each; bytes 0 to 255 or -128 to 127. Kafka allows a header without bytes. */
  readonly headers?: readonly Readonly<Record<string, readonly number[] | null>>[] | null
}

/** What the function is asked to do besides records; sent by the schedule, by operators and by the laptop run. */
export type ControlEvent =
  | { readonly millrace: 'tick' }
  /** Moves stream time of every partition past its last open window, once nothing is left to read. */
  | { readonly millrace: 'close-windows' }
  /** Publishes what a dead invocation left unpublished, and reports what stands in the journal; moves nothing. */
  | { readonly millrace: 'settle' }
  /**
   * Applies records that were parked, as they were, once and only once; or gives them up. `records` are those of the
   * stage's source, in any order. With `park: 'key'` what waited behind them follows, unless `more` of them are to come
   * in another event.
   */
  | {
      readonly millrace: 'redrive'
      readonly records: readonly KafkaEventRecord[]
      /** Pieces of state whose timers failed: they are put back and fire. */
      readonly cells?: readonly CellPlace[]
      readonly discard?: boolean
      readonly more?: boolean
    }
  /** Parks what a partition has not read yet, up to `to` (exclusive), so that it goes on behind it. */
  | { readonly millrace: 'skip'; readonly partition: number; readonly to: number }
  /**
   * Erases the state of these keys, given as addresses (`keyAddress`), from one partition, or from all of them, with all
   * that the journal holds.
   */
  | { readonly millrace: 'forget'; readonly keys: readonly string[]; readonly partition?: number }

/** What one invocation did; the return value of the handler. A Kafka mapping ignores it, the laptop run shows it. */
export interface InvocationReport {
  readonly stage: string
  readonly kind: 'batch' | ControlEvent['millrace']
  readonly partitions: readonly PartitionReport[]
  /** What became of each record of a redrive, and then of what waited behind them. */
  readonly redriven?: readonly RedrivenRecord[]
  /** What became of each parked cell of a redrive. */
  readonly redrivenCells?: readonly RedrivenCell[]
  /** What a forget erased, by partition. */
  readonly forgotten?: readonly Forgotten[]
}

/** What was erased of one partition: pieces of state, and items of the journal that were written anew without them. */
export interface Forgotten {
  readonly partition: number
  readonly cells: number
  readonly items: number
}

/** Names a parked cell: the key's address, and the name that was given to it there. */
export interface CellPlace {
  readonly partition: number
  readonly key: string
  readonly cell: string
}

export interface RedrivenCell extends CellPlace, Redriven {}

/** By position, as it was parked. */
export interface RedrivenRecord extends Redriven {
  readonly partition: number
  readonly offset: number
}

export interface PartitionReport {
  readonly partition: number
  /** Increase of the counts by this invocation. */
  readonly counts: Counts
  /** The partition's counts since its state began; a stateless stage has none and repeats the increase. */
  readonly totals: Counts
  /** Offset of the last record applied; -1 before the first. */
  readonly offset: number
  /** Commits since the partition's state began; 0 for a stateless stage. */
  readonly seq: number
  /** Commits of this invocation. */
  readonly commits: number
  readonly bucketWrites: number
  /** Open timers (open windows, waiting events); 0 for a stateless stage. */
  readonly openTimers: number
  /** Epoch ms; -1 before the first record. */
  readonly streamTimeMs: number
  /** With `park: 'key'`: parked records whose keys are held, and what waits behind them, as of now. */
  readonly held?: number
}
