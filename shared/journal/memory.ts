import { checkItemSize, itemBytes, type JournalItem, type JournalStore, type StoreUsage } from './store.ts'

/** A journal table in this process, for tests and benchmarks. Items are kept as given: nobody changes them. */
export function memoryJournalStore(): JournalStore & { readonly items: ReadonlyMap<string, JournalItem> } {
  const items = new Map<string, JournalItem>()
  const usage: StoreUsage = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 }
  return {
    items,
    usage,
    async read(keys) {
      usage.reads++
      const found = new Map<string, JournalItem>()
      for (const key of keys) {
        const item = items.get(key)
        usage.readUnits += Math.max(1, Math.ceil((item === undefined ? 0 : itemBytes(item)) / 4_096))
        if (item !== undefined) found.set(key, item)
      }
      return found
    },
    async put(item, { ifAbsent, ifSeq, ifSeqBelow }) {
      checkItemSize(item)
      usage.writes++
      usage.writeUnits += Math.ceil(itemBytes(item) / 1_024)
      const stored = items.get(item.key)
      const holds =
        stored === undefined
          ? ifAbsent === true
          : stored.seq === ifSeq || (ifSeqBelow !== undefined && stored.seq < ifSeqBelow)
      if (!holds) return 'refused'
      items.set(item.key, item)
      return 'written'
    },
    async close() {},
  }
}
