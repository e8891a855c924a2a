import { type Compression, decodeCells, encodeCells, outboxStart } from './codec.ts'
import type { Geometry } from './commit.ts'
import { bucketKey, slotKey } from './item-keys.ts'
import type { JournalItem, JournalStore } from './store.ts'

const KEYS_PER_READ = 10

/**
 * Takes the cells of some keys, and all outputs, out of commits older than `seq`, and those cells out of buckets older
 * than it: in place, each item at the seq that it has, so that whoever reads sees the same order of commits. What is then
 * missing is deleted by commit `seq` or before, and deletions, which name the key, stay. Outputs of older commits are out, since the next commit is only made after that.
 * Buckets of before a doubling, and those of one that came to nothing, are done too.
 *
 * @returns how many items were written anew
 */
export async function eraseFromItems(
  store: JournalStore,
  compression: Compression,
  name: string,
  { ring, buckets, seq }: Geometry & { readonly seq: number },
  keys: ReadonlySet<string>,
): Promise<number> {
  const slots = Array.from({ length: ring }, (_, slot) => slotKey(name, ring, slot))
  let written = 0
  for (const [isCommit, itemKeys] of [
    [true, slots],
    [false, bucketKeys(name, buckets)],
  ] as const)
    for (let i = 0; i < itemKeys.length; i += KEYS_PER_READ)
      for (const item of (await store.read(itemKeys.slice(i, i + KEYS_PER_READ))).values()) {
        if (item.seq >= seq) continue
        const body = bodyWithout(compression.decompress(item.body), keys, isCommit)
        if (body === undefined) continue
        // Refused: a newer version stands there, and that one knows nothing of them.
        const head = isCommit ? JSON.stringify({ ...JSON.parse(item.head), outbox: 0 }) : item.head
        const rewritten: JournalItem = { ...item, head, body: compression.compress(body) }
        await store.put(rewritten, { ifSeq: item.seq })
        written++
      }
  return written
}

/** undefined: nothing of them is in it. */
function bodyWithout(body: string, keys: ReadonlySet<string>, isCommit: boolean): readonly string[] | undefined {
  const cells = decodeCells(body)
  // Deletions stay: whoever is still at an earlier commit hears of them by these alone.
  const kept = cells.filter(({ key, text, same }) => !keys.has(key) || (text === undefined && same !== true))
  const hasOutputs = isCommit && outboxStart(body) < body.length
  return kept.length < cells.length || hasOutputs ? encodeCells(kept) : undefined
}

/** Of all numbers of buckets from one to twice those of now. */
function bucketKeys(name: string, buckets: number): string[] {
  const found: string[] = []
  for (let count = 1; count <= 2 * buckets; count *= 2)
    for (let index = 0; index < count; index++) found.push(bucketKey(name, count, index))
  return found
}
