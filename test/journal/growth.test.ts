import { describe, expect, it } from 'vitest'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { dyingAt, TestOwner, versionsOf } from './test-owner.ts'

const KEYS = 24
/** Room for about a dozen cells in a bucket. */
const tight = { ring: 8, buckets: 2, bucketBytesMax: 256 + 100 + 400, bucketsMax: 64 }
const changesOf = (n: number) => ({ [`key-${n % KEYS}`]: `value-${n}`.padEnd(12, '.') })

function stateAfter(commits: number): Record<string, string> {
  const state: Record<string, string> = {}
  for (let n = 1; n <= commits; n++) Object.assign(state, changesOf(n))
  return state
}

type Store = ReturnType<typeof memoryJournalStore>

/** Writes commits until one more would make the buckets double. */
async function aboutToGrow(): Promise<{ store: Store; commits: number }> {
  const commits = (await commitsUntilGrowth()) - 1
  const store = memoryJournalStore()
  const owner = await TestOwner.load(store, tight)
  for (let n = 1; n <= commits; n++) await owner.write(changesOf(n))
  expect(owner.journal.geometry.buckets).toBe(2)
  return { store, commits }
}

async function commitsUntilGrowth(): Promise<number> {
  const owner = await TestOwner.load(memoryJournalStore(), tight)
  for (let n = 1; n <= 100; n++) {
    await owner.write(changesOf(n))
    if (owner.journal.geometry.buckets > 2) return n
  }
  throw new Error('the buckets never doubled')
}

/** Whoever comes next, with whatever settings, finds `commits` commits and can go on. */
async function expectWhole(store: Store, commits: number): Promise<void> {
  for (const buckets of [1, 2, 4, 8]) {
    const { journal, cells } = await TestOwner.load(store, { ...tight, buckets })
    expect([journal.seq, cells]).toEqual([commits, stateAfter(commits)])
  }
  for (let n = commits + 1; n <= commits + 30; n++) {
    const owner = await TestOwner.load(store, tight)
    expect([owner.journal.seq, owner.cells]).toEqual([n - 1, stateAfter(n - 1)])
    expect(await owner.write(changesOf(n))).toBe('written')
  }
}

describe('when a bucket nears its limit', () => {
  it('the number of buckets doubles, and every bucket stays below the limit', async () => {
    const store = memoryJournalStore()
    const owner = await TestOwner.load(store, tight)
    for (let n = 1; n <= 100; n++) expect(await owner.write(changesOf(n))).toBe('written')
    const { buckets } = owner.journal.geometry
    expect(buckets).toBeGreaterThan(2)
    expect(Math.log2(buckets) % 1).toBe(0)
    for (const item of store.items.values())
      if (item.key.includes('.b.')) expect(item.body.length).toBeLessThan(tight.bucketBytesMax)
    await expectWhole(store, 100)
  })

  it('all new buckets are written as of the newest commit before a commit names them', async () => {
    const { store, commits } = await aboutToGrow()
    const owner = await TestOwner.load(store, tight)
    await owner.write(changesOf(commits + 1))
    expect(owner.journal.geometry.buckets).toBe(4)
    const n = commits + 1
    expect(versionsOf(store.items, '.b.4.')).toEqual({ 0: n, 1: n, 2: n, 3: n })
    expect(owner.journal.last?.head.buckets).toBe(2)
    await owner.write(changesOf(n + 1))
    expect(owner.journal.last?.head.buckets).toBe(4)
  })

  it('it doubles as often as it takes', async () => {
    const store = memoryJournalStore()
    const owner = await TestOwner.load(store, tight)
    await owner.write(Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`key-${n}`, 'x'.repeat(12)])))
    await owner.write({})
    expect(owner.journal.geometry.buckets).toBeGreaterThanOrEqual(16)
    for (const buckets of [1, 2, 16, 64]) {
      const loaded = await TestOwner.load(store, { ...tight, buckets })
      expect(loaded.cells).toEqual(owner.cells)
    }
  })

  it('and there may be no more of them, the partition stops and says so', async () => {
    const owner = await TestOwner.load(memoryJournalStore(), { ...tight, bucketsMax: 2 })
    const writes = async () => {
      for (let n = 1; n <= 100; n++) await owner.write(changesOf(n))
    }
    await expect(writes()).rejects.toMatchObject({ code: 'STATE_TOO_LARGE', retriable: false })
  })
})

describe('a crash while the buckets double', () => {
  // The commit, four new buckets, and the commit that names them.
  it.each([0, 1, 2, 3, 4, 5])('at write %i loses nothing and stops nobody', async (write) => {
    const { store, commits } = await aboutToGrow()
    const owner = await TestOwner.load(dyingAt(write, store), tight)
    const twoCommits = async () => {
      await owner.write(changesOf(commits + 1))
      await owner.write(changesOf(commits + 2))
    }
    await expect(twoCommits()).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' })
    await expectWhole(store, write === 0 ? commits : commits + 1)
  })

  it.each([1, 2, 3, 4])(
    'at write %i, then others go round the ring before the buckets double after all',
    async (write) => {
      const { store, commits } = await aboutToGrow()
      const dying = await TestOwner.load(dyingAt(write, store), tight)
      await expect(dying.write(changesOf(commits + 1))).rejects.toThrow()
      const roomy = { ...tight, bucketBytesMax: 100_000 }
      const other = await TestOwner.load(store, roomy)
      for (let n = commits + 2; n <= commits + 20; n++) expect(await other.write(changesOf(n))).toBe('written')
      expect(other.journal.geometry.buckets).toBe(2)
      await expectWhole(store, commits + 20)
    },
  )
})

describe('who raced with the one that doubled the buckets', () => {
  it('finds the new ones from any commit that names them', async () => {
    const { store, commits } = await aboutToGrow()
    const others = await Promise.all([0, 1].map(() => TestOwner.load(store, tight)))
    const owner = await TestOwner.load(store, tight)
    for (let n = commits + 1; n <= commits + 3; n++) await owner.write(changesOf(n))
    for (const other of others) {
      expect(await other.write({ stale: 'x' })).toBe('refused')
      await other.readForward()
      expect([other.journal.seq, other.cells]).toEqual([commits + 3, stateAfter(commits + 3)])
      expect(other.journal.geometry.buckets).toBe(4)
    }
  })

  it('and won: the new buckets are not named by any commit, and everybody goes on with the old ones', async () => {
    const { store, commits } = await aboutToGrow()
    const roomy = await TestOwner.load(store, { ...tight, bucketBytesMax: 100_000 })
    const owner = await TestOwner.load(store, tight)
    await owner.write(changesOf(commits + 1))
    expect(owner.journal.geometry.buckets).toBe(4)
    await roomy.readForward()
    expect(await roomy.write(changesOf(commits + 2))).toBe('written')
    expect(await owner.write({ lost: 'x' })).toBe('refused')
    await owner.readForward()
    expect([owner.journal.seq, owner.cells]).toEqual([commits + 2, stateAfter(commits + 2)])
    await expectWhole(store, commits + 2)
  })

  it('with every owner cold at every commit, the doubling still takes hold', async () => {
    const store = memoryJournalStore()
    for (let n = 1; n <= 100; n++) {
      const owner = await TestOwner.load(store, tight)
      expect([owner.journal.seq, owner.cells]).toEqual([n - 1, stateAfter(n - 1)])
      expect(await owner.write(changesOf(n))).toBe('written')
    }
    const { journal } = await TestOwner.load(store, tight)
    expect(journal.last?.head.buckets).toBeGreaterThan(2)
  })
})
