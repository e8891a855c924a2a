import { dynamoJournalStore } from '../../shared/journal/dynamodb.ts'
import type { JournalStore, StoreUsage } from '../../shared/journal/store.ts'

/** A journal store that counts what buckets cost apart from all the rest. */
export interface SplitStore extends JournalStore {
  readonly bucketUsage: StoreUsage
}

const BUCKET_KEY = /\.b\.\d+\.\d+$/

/** One table behind two stores, each with its own count; `usage` is everything but the writes of buckets. */
export function splitStore(options: Parameters<typeof dynamoJournalStore>[0]): SplitStore {
  const main = dynamoJournalStore(options)
  const buckets = dynamoJournalStore(options)
  return {
    usage: main.usage,
    bucketUsage: buckets.usage,
    read: (keys) => main.read(keys),
    put: (item, condition) => (BUCKET_KEY.test(item.key) ? buckets : main).put(item, condition),
    close: () => main.close(),
  }
}
