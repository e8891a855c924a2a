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

/** More slots or buckets than any journal has. */
const GEOMETRY_MAX = 65_536

/** Buckets are a power of two, since cells find theirs by bits of a hash. */
export const isGeometry = ({ ring, buckets }: Geometry): boolean =>
  Number.isSafeInteger(ring) &&
  ring > 0 &&
  ring <= GEOMETRY_MAX &&
  Number.isSafeInteger(buckets) &&
  buckets > 0 &&
  buckets <= GEOMETRY_MAX &&
  (buckets & (buckets - 1)) === 0

/** What a commit says besides its cells and outputs. */
export interface CommitHead extends Geometry {
  readonly format: number
  readonly seq: number
  readonly kind: 'batch' | 'tick' | 'close-windows' | 'redrive' | 'skip' | 'forget' | 'advance'
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

export function encodeCommit(
  key: string,
  commit: Commit,
  compression: Compression,
): { item: JournalItem; bytes: number } {
  const body = compression.compress([...encodeCells(commit.changes), encodeOutbox(commit.outbox)])
  const head = JSON.stringify(commit.head)
  return {
    item: { key, seq: commit.head.seq, head, body },
    bytes: body.length + head.length + key.length + ITEM_OVERHEAD_BYTES,
  }
}

/** @throws for anything that {@link encodeCommit} did not make, as far as that shows */
export function decodeCommit(item: JournalItem, compression: Compression): Commit {
  const head = decodeHead(item) as CommitHead
  const text = compression.decompress(item.body)
  const changes = decodeCells(text)
  const outbox = decodeOutbox(text.slice(outboxStart(text)))
  const whole = head.seq === item.seq && head.outbox === outbox.length && isWhole(head)
  if (!whole) throw new RangeError('the head is not that of the body')
  return { head, changes, outbox }
}

const isWhole = ({ offset, streamTimeMs, signature, counts }: CommitHead): boolean =>
  Number.isSafeInteger(offset) &&
  Number.isFinite(streamTimeMs) &&
  typeof signature === 'string' &&
  typeof counts === 'object' &&
  counts !== null

/** What an item says of itself. @throws when its head is no JSON object */
export function decodeHead({ head }: JournalItem): BucketHead {
  const parsed = JSON.parse(head) as BucketHead | null
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('the head is no object')
  return parsed
}

export interface BucketHead extends Geometry {
  readonly format: number
  readonly seq: number
}

export function encodeBucket(
  key: string,
  head: BucketHead,
  cells: readonly CellChange[],
  compression: Compression,
): { item: JournalItem; bytes: number } {
  const body = compression.compress(encodeCells(cells))
  const text = JSON.stringify(head)
  return {
    item: { key, seq: head.seq, head: text, body },
    bytes: body.length + text.length + key.length + ITEM_OVERHEAD_BYTES,
  }
}

/** @throws for anything that {@link encodeBucket} did not make, as far as that shows */
export const decodeBucket = (item: JournalItem, compression: Compression): readonly CellChange[] =>
  decodeCells(compression.decompress(item.body))
