import type { Counts } from '../engine/counts.ts'
import type { CellChange } from '../engine/state.ts'
import {
  type Compression,
  decodeCells,
  decodeOutbox,
  encodeCells,
  encodeOutbox,
  type OutboxEntry,
  outboxStart,
} from './codec.ts'
import type { JournalItem } from './store.ts'

/** The layout of items; a reader that meets a higher one stops. */
export const FORMAT = 1

/** Facts of the journal that every item names: a reader takes them from there, never from its own constants. */
export interface Geometry {
  /** Number of slots that commits go round in. */
  readonly ring: number
  /** Number of buckets that the newest state is spread over; grows by doubling. */
  readonly buckets: number
}

/** What a commit says besides its cells and outputs. */
export interface CommitHead extends Geometry {
  readonly format: number
  readonly seq: number
  readonly kind: 'batch' | 'tick' | 'close-windows' | 'redrive' | 'skip' | 'advance'
  /** Offset of the last applied record; -1 before the first. */
  readonly offset: number
  /** Whether this commit moved the offset: timers alone, and ticks, do not. */
  readonly moved: boolean
  readonly streamTimeMs: number
  readonly signature: string
  readonly counts: Counts
  /** Outputs in the body. */
  readonly outbox: number
  /** Timestamp and checksum of the last applied record: the same offset with another one is another topic. */
  readonly lastRecord: string
  /** Wall clock of the commit, epoch ms: for finding out that nothing has succeeded for long. */
  readonly atMs: number
  /** Version of the settings that the commit's events saw; undefined where the stage has none. */
  readonly settings?: number
  /** Records about to be tried after a long time without success; undefined otherwise. */
  readonly attempting?: Attempt
}

/** A note that an attempt on the records from offset `first` to `last` (both included) begins, for the `attempts`-th time. */
export interface Attempt {
  readonly first: number
  readonly last: number
  readonly attempts: number
}

export interface Commit {
  readonly head: CommitHead
  readonly changes: readonly CellChange[]
  readonly outbox: readonly OutboxEntry[]
}

/** Attributes and names of an item, roughly: what is left of 400 KB after this is the body's. */
const ITEM_OVERHEAD_BYTES = 256

export async function encodeCommit(
  key: string,
  commit: Commit,
  compression: Compression,
): Promise<{ item: JournalItem; bytes: number }> {
  const body = await compression.compress(encodeCells(commit.changes) + encodeOutbox(commit.outbox))
  const head = JSON.stringify(commit.head)
  return {
    item: { key, seq: commit.head.seq, head, body },
    bytes: body.length + head.length + key.length + ITEM_OVERHEAD_BYTES,
  }
}

export function decodeCommit(item: JournalItem, compression: Compression): Commit {
  const text = compression.decompress(item.body)
  return {
    head: JSON.parse(item.head) as CommitHead,
    changes: decodeCells(text),
    outbox: decodeOutbox(text.slice(outboxStart(text))),
  }
}

export interface BucketHead extends Geometry {
  readonly format: number
  readonly seq: number
}

export async function encodeBucket(
  key: string,
  head: BucketHead,
  cells: readonly CellChange[],
  compression: Compression,
): Promise<{ item: JournalItem; bytes: number }> {
  const body = await compression.compress(encodeCells(cells))
  const text = JSON.stringify(head)
  return {
    item: { key, seq: head.seq, head: text, body },
    bytes: body.length + text.length + key.length + ITEM_OVERHEAD_BYTES,
  }
}

export const decodeBucket = (item: JournalItem, compression: Compression): readonly CellChange[] =>
  decodeCells(compression.decompress(item.body))
