import { zeroCounts } from '../../../shared/engine/counts.ts'
import { State } from '../../../shared/engine/state.ts'
import { type Compression, zstd } from '../../../shared/journal/codec.ts'
import { encodeBucket, encodeCommit, FORMAT } from '../../../shared/journal/commit.ts'
import { Journal } from '../../../shared/journal/journal.ts'
import { memoryJournalStore } from '../../../shared/journal/memory.ts'
import type { JournalItem } from '../../../shared/journal/store.ts'
import { plain, SCOPE } from '../../journal/test-owner.ts'
import type { FuzzTarget } from '../target.ts'

const geometry = { ring: 8, buckets: 2 }
const cells = [
  { key: 'k1', id: 'w1', wakeAtMs: 5, text: '{"count":1}' },
  { key: '\u0001["a",1]', id: 'w2', wakeAtMs: -1, text: '"x"' },
]
const commit = {
  head: {
    ...geometry,
    format: FORMAT,
    seq: 1,
    kind: 'batch' as const,
    offset: 7,
    moved: true,
    streamTimeMs: 9,
    signature: 's',
    counts: zeroCounts(),
    outbox: 2,
    lastRecord: '9:abc',
    atMs: 1,
  },
  changes: [...cells, { key: 'k3', id: 'w1', wakeAtMs: 3, text: undefined }],
  outbox: [
    { target: 'out', partition: 3, key: 'k1', value: '{"a":1}', timeMs: 5, sort: '' },
    { target: 'table:rows', partition: -1, key: 'k2', value: null, timeMs: 6, sort: '2026' },
  ],
}
const SLOT = 'counts.1.0.c.1'
const BUCKET = 'counts.1.0.b.2.0'

/** Loads a journal that holds one item, in which `part` is what was given. */
function reads(name: string, item: JournalItem, part: 'head' | 'body', compression: Compression): FuzzTarget {
  const whole = part === 'head' ? Buffer.from(item.head) : item.body
  return {
    name: `journal: ${name}`,
    valid: [whole],
    async read(bytes) {
      const store = memoryJournalStore()
      await store.put({ ...item, [part]: part === 'head' ? bytes.toString('latin1') : bytes }, { ifAbsent: true })
      const journal = new Journal(store, SCOPE, geometry, compression)
      return journal.load(() => new State())
    },
  }
}

const ofCommit = (compression: Compression) => encodeCommit(SLOT, commit, compression).item
const ofBucket = (compression: Compression) =>
  encodeBucket(BUCKET, { ...geometry, format: FORMAT, seq: 1 }, cells, compression).item

export const journal: readonly FuzzTarget[] = [
  reads('head of a commit', ofCommit(plain), 'head', plain),
  reads('cells and outbox of a commit', ofCommit(plain), 'body', plain),
  reads('packed body of a commit', ofCommit(zstd), 'body', zstd),
  reads('packed body of a bucket', ofBucket(zstd), 'body', zstd),
  reads('cells of a bucket', ofBucket(plain), 'body', plain),
]
