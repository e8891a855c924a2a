import type { CommitHead } from '../../shared/journal/commit.ts'
import { slotKey } from '../../shared/journal/item-keys.ts'
import { journalDefaults } from '../../shared/journal/journal.ts'
import type { JournalItem, JournalStore } from '../../shared/journal/store.ts'

const ITEMS_PER_READ = 16

export const headOf = (item: JournalItem): CommitHead => JSON.parse(item.head) as CommitHead

/**
 * The newest commit of a journal, found without reading state: slots hold rising sequence numbers up to it, and those of
 * the round before behind it. undefined before the first.
 */
export async function newestCommit(store: JournalStore, name: string): Promise<JournalItem | undefined> {
  // The first commit stands in slot 1 whatever the ring.
  const first = await readOne(store, slotKey(name, journalDefaults.ring, 1))
  if (first === undefined) return undefined
  const { ring } = headOf(first)
  let newest = first
  let [low, high] = [0, ring - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const item = await readOne(store, slotKey(name, ring, first.seq + middle))
    if (item?.seq === first.seq + middle) {
      low = middle
      newest = item
    } else high = middle - 1
  }
  return newest
}

/** Commits from `from` to `to` (both included) that the ring still holds, in order. */
export async function* commitsBetween(
  store: JournalStore,
  name: string,
  ring: number,
  from: number,
  to: number,
): AsyncGenerator<JournalItem> {
  for (let seq = from; seq <= to; seq += ITEMS_PER_READ) {
    const wanted = Array.from({ length: Math.min(ITEMS_PER_READ, to - seq + 1) }, (_, i) => seq + i)
    const items = await store.read(wanted.map((each) => slotKey(name, ring, each)))
    for (const each of wanted) {
      const item = items.get(slotKey(name, ring, each))
      if (item?.seq === each) yield item
    }
  }
}

/** The oldest commit that the ring still holds when `seq` is the newest. */
export const oldestOf = (seq: number, ring: number): number => Math.max(1, seq - ring + 1)

async function readOne(store: JournalStore, key: string): Promise<JournalItem | undefined> {
  return (await store.read([key])).get(key)
}
