import { zeroCounts } from '../../shared/engine/counts.ts'
import { NO_WAKE, State } from '../../shared/engine/state.ts'
import { MillraceError } from '../../shared/errors.ts'
import type { Compression, OutboxEntry } from '../../shared/journal/codec.ts'
import { Journal, type JournalSettings } from '../../shared/journal/journal.ts'
import type { JournalItem, JournalStore } from '../../shared/journal/store.ts'

export const SCOPE = { processor: 'counts', generation: 1, partition: 0 }

/** Sizes that can be counted. */
export const plain: Compression = {
  compress: (pieces) => Buffer.from(pieces.join('')),
  decompress: (bytes) => Buffer.from(bytes).toString(),
}

/** What a commit is to do to state, by key; null deletes. */
export type Changes = Readonly<Record<string, string | null>>

const head = {
  kind: 'batch',
  offset: 0,
  moved: true,
  streamTimeMs: 0,
  signature: 's',
  counts: zeroCounts(),
  lastRecord: '',
  atMs: 0,
} as const

/** A journal with the state it is of, as the runtime holds them; cells are one text per key. */
export class TestOwner {
  readonly journal: Journal
  state: State

  private constructor(journal: Journal, state: State) {
    this.journal = journal
    this.state = state
  }

  static async load(store: JournalStore, settings: Partial<JournalSettings>): Promise<TestOwner> {
    const journal = new Journal(store, SCOPE, settings, plain)
    return new TestOwner(journal, await journal.load(() => new State()))
  }

  /** One commit, and the upkeep of buckets after it. */
  async write(changes: Changes, outbox: readonly OutboxEntry[] = []): Promise<'written' | 'refused' | 'too-large'> {
    const outcome = await this.commit(changes, outbox)
    if (outcome === 'written') await this.journal.maintain(this.state)
    return outcome
  }

  /** One commit, and then nothing: as if the function died before the upkeep. */
  async commit(changes: Changes, outbox: readonly OutboxEntry[] = []): Promise<'written' | 'refused' | 'too-large'> {
    const { state, journal } = this
    for (const [key, text] of Object.entries(changes)) {
      const owner = state.ofKey(key)
      const cell = owner.find('v')
      if (text !== null) state.put(owner, 'v', text, NO_WAKE)
      else if (cell !== undefined) state.delete(cell)
    }
    const outcome = await journal.commit({ head, changes: state.changes(), outbox })
    if (outcome === 'written') state.confirmCommit()
    else state.undoCommit()
    return outcome
  }

  async readForward(): Promise<'end' | 'fell-off'> {
    const outcome = await this.journal.readForward(this.state)
    if (outcome === 'fell-off') this.state = await this.journal.load(() => new State())
    return outcome
  }

  /** The state, by key. */
  get cells(): Record<string, unknown> {
    return Object.fromEntries([...this.state.cells()].map((cell) => [cell.key, JSON.parse(cell.text!)]))
  }
}

/** A store that dies at the `n`-th put (counted from 0): that one and all later calls fail and do nothing. */
export function dyingAt(n: number, store: JournalStore): JournalStore & { readonly died: boolean } {
  let puts = 0
  const failure = () => new MillraceError('JOURNAL_UNREACHABLE', { reason: 'died' })
  return {
    get died() {
      return puts > n
    },
    usage: store.usage,
    async read(keys) {
      if (puts > n) throw failure()
      return store.read(keys)
    },
    async put(item, condition) {
      if (puts++ >= n) throw failure()
      return store.put(item, condition)
    },
    close: () => store.close(),
  }
}

/** Which versions stand in the slots or buckets whose keys contain `part`, by the rest of the key. */
export function versionsOf(items: ReadonlyMap<string, JournalItem>, part: string): Record<string, number> {
  const found = [...items.values()].filter(({ key }) => key.includes(part))
  return Object.fromEntries(found.map(({ key, seq }) => [key.slice(key.indexOf(part) + part.length), seq]))
}
