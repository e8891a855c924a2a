import type { CellChange, State } from '../engine/state.ts'
import { MillraceError, reasonOf } from '../errors.ts'
import { type Compression, zstd } from './codec.ts'
import {
  type BucketHead,
  type Commit,
  type CommitHead,
  decodeBucket,
  decodeCommit,
  decodeHead,
  encodeBucket,
  encodeCommit,
  FORMAT,
  type Geometry,
  isGeometry,
} from './commit.ts'
import { eraseFromItems } from './erase.ts'
import { bucketKey, type JournalScope, journalName, slotKey } from './item-keys.ts'
import { ITEM_BYTES_MAX, type JournalItem, type JournalStore } from './store.ts'

export type { JournalScope } from './item-keys.ts'

/** What a new journal starts with, and the bounds of all; sizes in bytes. An existing journal's own geometry wins. */
export const journalDefaults = {
  ring: 256,
  buckets: 4,
  /** Commits above this are cut. Leaves room for the store's own overhead. */
  commitBytesMax: ITEM_BYTES_MAX - 16 * 1024,
  /** A bucket above this makes the number of buckets double. */
  bucketBytesMax: 300 * 1024,
  bucketsMax: 4_096,
}
export type JournalSettings = typeof journalDefaults

/** What the caller says of a commit; the journal adds the rest. */
export type NewCommit = { readonly head: Omit<CommitHead, 'format' | 'seq' | 'outbox' | keyof Geometry> } & Omit<
  Commit,
  'head'
>

const READ_PAGES = [4, 16, 100] as const

/**
 * The ordered log of commits of one partition, as a ring of slots, with buckets that hold the state the ring no longer
 * tells. One owner at a time succeeds in writing; the rest find out and read forward.
 */
export class Journal {
  readonly scope: JournalScope
  /** Sequence number of the newest commit known; 0 before the first. */
  seq = 0
  /** The newest commit known, without its cells; undefined before the first. */
  last: Pick<Commit, 'head' | 'outbox'> | undefined
  /** Bucket items written since {@link takeBucketWrites}. */
  #bucketWrites = 0
  readonly #store: JournalStore
  readonly #compression: Compression
  readonly #settings: JournalSettings
  #geometry: Geometry
  /** Per bucket: its stored seq, or a lower bound of it. */
  #bucketSeqs: number[]

  constructor(
    store: JournalStore,
    scope: JournalScope,
    settings: Partial<JournalSettings> = {},
    compression: Compression = zstd,
  ) {
    this.#store = store
    this.scope = scope
    this.#settings = { ...journalDefaults, ...settings }
    this.#compression = compression
    this.#geometry = { ring: this.#settings.ring, buckets: this.#settings.buckets }
    this.#bucketSeqs = new Array<number>(this.#geometry.buckets).fill(0)
  }

  get name(): string {
    return journalName(this.scope)
  }

  get geometry(): Geometry {
    return this.#geometry
  }

  takeBucketWrites(): number {
    const writes = this.#bucketWrites
    this.#bucketWrites = 0
    return writes
  }

  /**
   * Fills an empty state with all that is committed: all buckets, then the ring from the lowest bucket on.
   * @throws MillraceError `JOURNAL_DAMAGED`, `JOURNAL_UNREACHABLE`
   */
  async load(newState: () => State): Promise<State> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const state = newState()
      this.last = undefined
      if ((await this.#readOn(state, await this.#loadBuckets(state))) === 'again') continue
      await this.#guard(state)
      return state
    }
    throw this.#damaged('it moves on faster than it can be read, or its items contradict each other')
  }

  /**
   * Applies what others have committed since, and finds out the newest commit.
   * @returns 'fell-off' when the ring has gone round: the state is of no use then, load again
   */
  async readForward(state: State): Promise<'end' | 'fell-off'> {
    if ((await this.#readOn(state, this.seq)) === 'again') return 'fell-off'
    await this.#guard(state)
    return 'end'
  }

  /**
   * Writes the next commit, if nobody else has. The state's buckets must have been kept up ({@link maintain}).
   * @returns 'refused': another owner was faster; nothing was written. 'too-large': nothing was tried.
   * @throws MillraceError `JOURNAL_UNREACHABLE`: the outcome is unknown, drop the state
   */
  async commit(content: NewCommit): Promise<'written' | 'refused' | 'too-large'> {
    const seq = this.seq + 1
    const head: CommitHead = { ...content.head, ...this.#geometry, format: FORMAT, seq, outbox: content.outbox.length }
    const commit: Commit = { head, changes: content.changes, outbox: content.outbox }
    const { item, bytes } = encodeCommit(this.#slotKey(seq), commit, this.#compression)
    if (bytes > this.#settings.commitBytesMax) return 'too-large'
    const { ring } = this.#geometry
    const outcome = await this.#store.put(
      item,
      seq <= ring ? { ifAbsent: true, ifSeq: seq - ring } : { ifSeq: seq - ring },
    )
    if (outcome === 'written') {
      this.seq = seq
      this.last = { head, outbox: content.outbox }
    }
    return outcome
  }

  /**
   * Rewrites the buckets that are due, from a state that is exactly the newest commit: one every ring / (2 × buckets)
   * commits, and at once what the next commit would otherwise push off the ring. Doubles the buckets when one is too big.
   */
  async maintain(state: State): Promise<void> {
    const { ring, buckets } = this.#geometry
    const pace = ring / (2 * buckets)
    const due = pace >= 1 ? (this.seq % Math.floor(pace) === 0 ? 1 : 0) : Math.ceil(1 / pace)
    for (let i = 0; i < due; i++) {
      const stalest = this.#stalest()
      if (this.#bucketSeqs[stalest]! >= this.seq || !(await this.#writeBucket(state, stalest))) break
    }
    await this.#guard(state)
  }

  /**
   * Takes what was deleted with the newest commit out of everything else that the table holds: all buckets are written
   * anew, then older commits lose the cells of these keys and their outputs, which are out. `state` is exactly the newest
   * commit. Harmless when it is done again, and when it was interrupted.
   *
   * @returns how many items held something of them
   */
  async erase(state: State, keys: ReadonlySet<string>): Promise<number> {
    const { buckets } = this.#geometry
    for (let index = 0; index < buckets && buckets === this.#geometry.buckets; index++)
      await this.#writeBucket(state, index)
    return eraseFromItems(this.#store, this.#compression, this.name, { ...this.#geometry, seq: this.seq }, keys)
  }

  /** The next commit overwrites the oldest slot: every bucket must know what stood there. */
  async #guard(state: State): Promise<void> {
    while (this.#bucketSeqs[this.#stalest()]! < this.seq + 1 - this.#geometry.ring)
      await this.#writeBucket(state, this.#stalest())
  }

  // Reading

  async #loadBuckets(state: State): Promise<number> {
    const { buckets } = this.#geometry
    const items = await this.#read(Array.from({ length: buckets }, (_, i) => this.#bucketKey(buckets, i)))
    this.#bucketSeqs = new Array<number>(buckets).fill(0)
    for (let i = 0; i < buckets; i++) {
      const item = items.get(this.#bucketKey(buckets, i))
      if (item === undefined) continue
      this.#geometry = { ring: this.#headOf(item).ring, buckets }
      this.#bucketSeqs[i] = item.seq
      for (const cell of this.#decoded(item, () => decodeBucket(item, this.#compression))) state.load(cell)
    }
    return Math.min(...this.#bucketSeqs)
  }

  /**
   * Applies all commits after `known`, which the state is as of, until there are no more; reads `known` itself, too, for
   * its outputs. 'again': the geometry is another, or the ring has gone round.
   */
  async #readOn(state: State, known: number): Promise<'end' | 'again'> {
    let named = this.#geometry
    this.seq = known
    for (let page = 0, next = Math.max(1, known); ; page++) {
      const { ring, buckets } = this.#geometry
      const count = Math.min(READ_PAGES[Math.min(page, READ_PAGES.length - 1)]!, ring)
      const items = await this.#read(Array.from({ length: count }, (_, i) => this.#slotKey(next + i)))
      for (const end = next + count; next < end; next++) {
        const item = items.get(this.#slotKey(next))
        if (item === undefined && next > ring) throw this.#damaged(`slot of commit ${next} is empty`)
        if (item === undefined || item.seq === next - ring) {
          if (next <= known) throw this.#damaged(`commit ${known} is gone`)
          // Without news, buckets that no commit names yet are still as of the newest commit.
          return this.seq === known || named.buckets === buckets ? 'end' : this.#adopt(named)
        }
        const head = this.#headOf(item)
        if (head.ring !== ring) return this.#adopt(head)
        // The newest commit there can be, over the one that the state knows already.
        if (next === known && item.seq === known + ring) continue
        if (item.seq > next) return this.#adopt(head)
        if (item.seq !== next) throw this.#damaged(`slot of commit ${next} holds commit ${item.seq}`)
        this.#apply(
          state,
          this.#decoded(item, () => decodeCommit(item, this.#compression)),
        )
        named = head
      }
    }
  }

  /** What an item says about the journal. @throws MillraceError `JOURNAL_DAMAGED`, also for a format of later code */
  #headOf(item: JournalItem): BucketHead {
    const head = this.#decoded(item, () => decodeHead(item))
    if (head.format > FORMAT) throw this.#damaged(`it was written by a later version (format ${head.format})`)
    if (!isGeometry(head)) throw this.#damaged(`${item.key} has an impossible number of slots or buckets`)
    return head
  }

  /** The message of what fails is left out: it would quote the state. */
  #decoded<T>(item: JournalItem, decode: () => T): T {
    try {
      return decode()
    } catch (error) {
      throw this.#damaged(`${item.key} cannot be read (${reasonOf(error)})`)
    }
  }

  /** Takes over the geometry that the newest commit read names: what was read with another one does not count. */
  #adopt({ ring, buckets }: Geometry): 'again' {
    this.#geometry = { ring, buckets }
    return 'again'
  }

  #apply(state: State, commit: Commit): void {
    for (const change of commit.changes) state.load(change)
    this.seq = commit.head.seq
    this.last = { head: commit.head, outbox: commit.outbox }
  }

  async #read(keys: readonly string[]): Promise<Map<string, JournalItem>> {
    if (keys.length <= 100) return this.#store.read(keys)
    const found = new Map<string, JournalItem>()
    for (let i = 0; i < keys.length; i += 100)
      for (const [key, item] of await this.#store.read(keys.slice(i, i + 100))) found.set(key, item)
    return found
  }

  // Buckets

  #stalest(): number {
    let stalest = 0
    for (let i = 1; i < this.#bucketSeqs.length; i++) if (this.#bucketSeqs[i]! < this.#bucketSeqs[stalest]!) stalest = i
    return stalest
  }

  /** @returns false when the buckets were doubled instead */
  async #writeBucket(state: State, index: number): Promise<boolean> {
    const { buckets } = this.#geometry
    const head = { ...this.#geometry, format: FORMAT, seq: this.seq }
    const { item, bytes } = encodeBucket(
      this.#bucketKey(buckets, index),
      head,
      state.bucket(index, buckets),
      this.#compression,
    )
    if (bytes > this.#settings.bucketBytesMax) {
      await this.#grow(state)
      return false
    }
    await this.#putBucket(item)
    this.#bucketSeqs[index] = this.seq
    return true
  }

  /**
   * Doubles the buckets until each fits. The new ones are all written as of the newest commit before any commit names
   * them; until then everybody else goes on with the old ones.
   */
  async #grow(state: State): Promise<void> {
    for (let buckets = this.#geometry.buckets * 2; buckets <= this.#settings.bucketsMax; buckets *= 2) {
      const parts: CellChange[][] = Array.from({ length: buckets }, () => [])
      for (const cell of state.cells()) parts[cell.hash & (buckets - 1)]!.push(cell)
      const geometry = { ring: this.#geometry.ring, buckets }
      const head = { ...geometry, format: FORMAT, seq: this.seq }
      const encoded = parts.map((cells, i) => encodeBucket(this.#bucketKey(buckets, i), head, cells, this.#compression))
      if (encoded.some(({ bytes }) => bytes > this.#settings.bucketBytesMax)) continue
      for (const { item } of encoded) await this.#putBucket(item)
      this.#geometry = geometry
      this.#bucketSeqs = new Array<number>(buckets).fill(this.seq)
      return
    }
    throw new MillraceError('STATE_TOO_LARGE', { scope: this.name, buckets: this.#settings.bucketsMax })
  }

  async #putBucket(item: JournalItem): Promise<void> {
    // Refused means that a newer one is there already, which serves as well.
    await this.#store.put(item, { ifAbsent: true, ifSeqBelow: item.seq })
    this.#bucketWrites++
  }

  #slotKey(seq: number): string {
    return slotKey(this.name, this.#geometry.ring, seq)
  }

  #bucketKey(buckets: number, index: number): string {
    return bucketKey(this.name, buckets, index)
  }

  #damaged(problem: string): MillraceError {
    return new MillraceError('JOURNAL_DAMAGED', { scope: this.name, problem })
  }
}
