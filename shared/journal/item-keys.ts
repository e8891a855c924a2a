import type { Geometry } from './commit.ts'

/** Which journal: one per processor, generation and partition. */
export interface JournalScope {
  readonly processor: string
  readonly generation: number
  readonly partition: number
}

/** What the keys of a journal's items begin with, up to the dot. */
export const journalName = ({ processor, generation, partition }: JournalScope): string =>
  `${processor}.${generation}.${partition}`

/** The key of the slot that commit `seq` is written to. */
export const slotKey = (name: string, ring: Geometry['ring'], seq: number): string => `${name}.c.${seq % ring}`

/** The key of one of so many buckets. */
export const bucketKey = (name: string, buckets: Geometry['buckets'], index: number): string =>
  `${name}.b.${buckets}.${index}`
