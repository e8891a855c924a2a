import { MillraceError } from '../errors.ts'

/** One item of the journal table. `seq` orders the versions of an item; the rest is opaque to the store. */
export interface JournalItem {
  /** Unique in the table: `processor.generation.partition.kind.slot` and the like. */
  readonly key: string
  readonly seq: number
  /** Small JSON text that readers need before the body. */
  readonly head: string
  readonly body: Uint8Array
}

/** The put happens when **any** of the given conditions holds for the item now stored under the key. */
export interface PutCondition {
  readonly ifAbsent?: boolean
  readonly ifSeq?: number
  readonly ifSeqBelow?: number
}

/** What the store's calls have cost so far, in DynamoDB's units (a write unit is 1 KB, a read unit 4 KB consistent). */
export interface StoreUsage {
  reads: number
  writes: number
  readUnits: number
  writeUnits: number
}

/**
 * A table of items with conditional puts and consistent reads, and nothing else: no deletes, no expiry.
 *
 * @throws MillraceError `JOURNAL_UNREACHABLE` (retriable): the outcome of a put is then **unknown**, it may have been
 *   applied or be applied later. `JOURNAL_ITEM_TOO_LARGE` (not retriable): nothing was written.
 */
export interface JournalStore {
  /** The items that exist, read consistently. Order is free. At most 100 keys a call. */
  read(keys: readonly string[]): Promise<Map<string, JournalItem>>
  /** Puts atomically under the condition. 'refused' proves only that the condition did not hold when it was tried. */
  put(item: JournalItem, condition: PutCondition): Promise<'written' | 'refused'>
  readonly usage: StoreUsage
  close(): Promise<void>
}

/** The largest item: DynamoDB's 400 KB, attribute names included. */
export const ITEM_BYTES_MAX = 400 * 1024

/** What DynamoDB would count: names and values of the attributes pk, seq, head and body. */
export const itemBytes = (item: JournalItem): number =>
  Buffer.byteLength(item.key) + Buffer.byteLength(item.head) + item.body.length + 2 + 3 + 8 + 4 + 4

/** @throws MillraceError `JOURNAL_ITEM_TOO_LARGE`, before anything is sent: nothing is unknown then */
export function checkItemSize(item: JournalItem): void {
  const bytes = itemBytes(item)
  if (bytes > ITEM_BYTES_MAX) throw new MillraceError('JOURNAL_ITEM_TOO_LARGE', { bytes, max: ITEM_BYTES_MAX })
}
