import { cellHash } from '../../shared/engine/hash.ts'
import type { CellChange } from '../../shared/engine/state.ts'
import { MillraceError } from '../../shared/errors.ts'
import { type Compression, zstd } from '../../shared/journal/codec.ts'
import { type CommitHead, decodeBucket, decodeCommit } from '../../shared/journal/commit.ts'
import { bucketKey } from '../../shared/journal/item-keys.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { CellHistory } from './cell-history.ts'
import { commitsBetween, headOf, newestCommit, oldestOf } from './read.ts'

/** What the journal of a partition tells of some keys. */
export interface KeyHistory {
  /** Heads of the commits that the ring holds, oldest first, without a gap; the last is the newest commit. */
  readonly heads: readonly CommitHead[]
  readonly cells: readonly CellHistory[]
}

const ATTEMPTS = 5
const BUCKETS_PER_READ = 16

/**
 * Reads buckets and ring, and keeps what is about `keys` (addresses). Reads only; undefined before the first commit.
 * @throws MillraceError `JOURNAL_CONFLICT` when the journal moves on faster than it can be read
 */
export async function keyHistory(
  store: JournalStore,
  name: string,
  keys: ReadonlySet<string>,
  compression: Compression = zstd,
): Promise<KeyHistory | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await newestCommit(store, name)
    if (known === undefined) return undefined
    const { buckets } = headOf(known)
    const inBuckets = await readBuckets(store, name, buckets, keys, compression)
    const newest = await newestCommit(store, name)
    if (newest === undefined || headOf(newest).buckets !== buckets) continue
    const { ring } = headOf(newest)
    const oldest = oldestOf(newest.seq, ring)
    const heads: CommitHead[] = []
    const changes: { seq: number; change: CellChange }[] = []
    for await (const item of commitsBetween(store, name, ring, oldest, newest.seq)) {
      heads.push(headOf(item))
      for (const change of decodeCommit(item, compression).changes)
        if (keys.has(change.key)) changes.push({ seq: item.seq, change })
    }
    // Commits that were made meanwhile have taken the place of the oldest: what is left must reach back to each bucket.
    const from = heads[0]?.seq ?? Number.POSITIVE_INFINITY
    if (heads.length !== newest.seq - from + 1 || inBuckets.seqs.some((seq) => seq < from - 1)) continue
    return { heads, cells: histories(inBuckets, changes) }
  }
  throw new MillraceError('JOURNAL_CONFLICT', { scope: name, attempts: ATTEMPTS })
}

interface InBuckets {
  /** By bucket: the commit as of which it was written. */
  readonly seqs: readonly number[]
  readonly cells: readonly CellChange[]
}

async function readBuckets(
  store: JournalStore,
  name: string,
  buckets: number,
  keys: ReadonlySet<string>,
  compression: Compression,
): Promise<InBuckets> {
  const seqs = new Array<number>(buckets).fill(0)
  const cells: CellChange[] = []
  for (let first = 0; first < buckets; first += BUCKETS_PER_READ) {
    const indexes = [...Array(Math.min(BUCKETS_PER_READ, buckets - first)).keys()].map((i) => first + i)
    const items = await store.read(indexes.map((index) => bucketKey(name, buckets, index)))
    for (const index of indexes) {
      const item = items.get(bucketKey(name, buckets, index))
      if (item === undefined) continue
      seqs[index] = item.seq
      cells.push(...decodeBucket(item, compression).filter(({ key }) => keys.has(key)))
    }
  }
  return { seqs, cells }
}

function histories({ seqs, cells }: InBuckets, changes: readonly { seq: number; change: CellChange }[]): CellHistory[] {
  const nameOf = ({ key, id }: CellChange) => `${key}\n${id}`
  const byCell = Map.groupBy(changes, ({ change }) => nameOf(change))
  const inBucket = new Map(cells.map((cell) => [nameOf(cell), cell]))
  const all = new Map([...cells, ...changes.map(({ change }) => change)].map((cell) => [nameOf(cell), cell]))
  return [...all].map(([name, { key, id }]) => ({
    key,
    id,
    bucketSeq: seqs[cellHash(key, id) & (seqs.length - 1)]!,
    inBucket: inBucket.get(name),
    changes: byCell.get(name) ?? [],
  }))
}
