import { describe, expect, it } from 'vitest'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { JournalItem, JournalStore } from '../../shared/journal/store.ts'
import { TestOwner } from './test-owner.ts'

const small = { ring: 8, buckets: 2 }

async function written(commits: number): Promise<JournalStore & { readonly items: ReadonlyMap<string, JournalItem> }> {
  const store = memoryJournalStore()
  const owner = await TestOwner.load(store, small)
  for (let n = 1; n <= commits; n++) await owner.write({ [`k${n % 5}`]: `v${n}` })
  return store
}

/** The same items, with some of them gone or changed. */
function altered(
  store: { readonly items: ReadonlyMap<string, JournalItem> },
  change: (item: JournalItem) => JournalItem | undefined,
): JournalStore {
  const copy = memoryJournalStore()
  for (const item of store.items.values()) {
    const changed = change(item)
    if (changed !== undefined) void copy.put(changed, { ifAbsent: true })
  }
  return copy
}

const slot = (n: number) => `counts.1.0.c.${n % small.ring}`
const withHead = (item: JournalItem, fields: object): JournalItem => ({
  ...item,
  head: JSON.stringify({ ...(JSON.parse(item.head) as object), ...fields }),
})

describe('a damaged journal is never read as if it were whole', () => {
  it.each([18, 19, 20])('a slot in use is empty (commit %i of 20)', async (n) => {
    const store = altered(await written(20), (item) => (item.key === slot(n) ? undefined : item))
    await expect(TestOwner.load(store, small)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED', retriable: false })
  })

  it('a slot holds a commit that belongs to another slot', async () => {
    const store = altered(await written(20), (item) => (item.key === slot(19) ? { ...item, seq: 14 } : item))
    await expect(TestOwner.load(store, small)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })

  it('a bucket knows of a commit that the ring does not', async () => {
    const [whole, earlier] = [await written(20), await written(12)]
    const store = altered(whole, (item) => (item.key.includes('.c.') ? earlier.items.get(item.key) : item))
    await expect(TestOwner.load(store, small)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })

  it('the newest commit that a cache knows is gone', async () => {
    const whole = await written(20)
    const earlier = await written(19)
    const now = { current: whole as JournalStore }
    const store: JournalStore = { ...whole, read: (keys) => now.current.read(keys) }
    const owner = await TestOwner.load(store, small)
    now.current = earlier
    await expect(owner.readForward()).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })

  it.each(['.c.', '.b.'])('an item (%s) was written by later code in another format', async (kind) => {
    const nonsense = Buffer.from('in a format of the future')
    const store = altered(await written(20), (item) =>
      item.key.includes(kind) ? { ...withHead(item, { format: 2 }), body: nonsense } : item,
    )
    const load = TestOwner.load(store, small)
    await expect(load).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
    await expect(load).rejects.toThrow('format 2')
  })
})

describe('an item that cannot be read says which it is, and quotes nothing of it', () => {
  const lines = (item: JournalItem, ...changed: readonly (readonly [line: number, text: string])[]) => {
    const all = Buffer.from(item.body).toString().split('\n')
    for (const [line, text] of changed) all[line] = text
    return { ...item, body: Buffer.from(all.join('\n')) }
  }
  const damages: Readonly<Record<string, (item: JournalItem) => JournalItem>> = {
    'a head that is cut off': (item) => ({ ...item, head: item.head.slice(0, -1) }),
    'a head that is null': (item) => ({ ...item, head: 'null' }),
    'no slots': (item) => withHead(item, { ring: 0 }),
    'more buckets than memory': (item) => withHead(item, { buckets: 4_294_967_296 }),
    'three buckets': (item) => withHead(item, { buckets: 3 }),
    'no body': (item) => ({ ...item, body: Buffer.of() }),
    'keys that are no JSON': (item) => lines(item, [0, '["secret']),
    'keys that are no texts': (item) => lines(item, [0, '[1]']),
    'an id too few': (item) => lines(item, [1, '[]']),
    'a timer that is no number': (item) => lines(item, [2, '[null]']),
    'a text too many': (item) => lines(item, [3, '1\t2\t3\t4\t5\t6']),
  }
  it.each(
    Object.entries(damages).flatMap(([what, damage]) => ['.c.', '.b.'].map((kind) => [what, kind, damage] as const)),
  )('%s (%s)', async (_, kind, damage) => {
    const store = altered(await written(20), (item) => (item.key.includes(kind) ? damage(item) : item))
    const load = TestOwner.load(store, small)
    await expect(load).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED', retriable: false })
    await expect(load).rejects.not.toThrow('secret')
  })

  it.each([
    ['an output too few', (item: JournalItem) => withHead(item, { outbox: 1 })],
    ['the head of another commit', (item: JournalItem) => withHead(item, { seq: 3 })],
    ['no offset', (item: JournalItem) => withHead(item, { offset: null })],
    ['no counts', (item: JournalItem) => withHead(item, { counts: null })],
    ['an output that is none', (item: JournalItem) => lines(item, [4, 'secret\n'])],
  ])('%s', async (_, damage) => {
    const store = altered(await written(20), (item) => (item.key.includes('.c.') ? damage(item) : item))
    const load = TestOwner.load(store, small)
    await expect(load).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
    await expect(load).rejects.not.toThrow('secret')
  })
})

describe('ring, buckets and format are those of the items, whatever the code would start with', () => {
  it.each([
    { ring: 256, buckets: 4 },
    { ring: 4, buckets: 1 },
    { ring: 8, buckets: 16 },
    { ring: 16, buckets: 2 },
    { ring: 8, buckets: 1 },
    { ring: 5, buckets: 8 },
  ])('code that would start with a ring of $ring and $buckets buckets', async (settings) => {
    for (const commits of [1, 2, 5, 8, 9, 16, 25]) {
      const store = await written(commits)
      const [expected, found] = [await TestOwner.load(store, small), await TestOwner.load(store, settings)]
      expect([found.journal.seq, found.cells]).toEqual([commits, expected.cells])
      expect(found.journal.geometry).toEqual(small)
      for (let n = 1; n <= 20; n++) expect(await found.write({ more: `v${n}` })).toBe('written')
      const again = await TestOwner.load(store, small)
      expect([again.journal.seq, again.cells]).toEqual([commits + 20, { ...expected.cells, more: 'v20' }])
    }
  })

  it('two owners of different code race for the first commit: the loser takes over the geometry', async () => {
    const store = memoryJournalStore()
    const one = await TestOwner.load(store, { ring: 8, buckets: 2 })
    const other = await TestOwner.load(store, { ring: 16, buckets: 4 })
    for (let n = 1; n <= 20; n++) await one.write({ k: `v${n}` })
    expect(await other.write({ k: 'other' })).toBe('refused')
    await other.readForward()
    expect([other.journal.seq, other.journal.geometry, other.cells]).toEqual([20, small, { k: 'v20' }])
  })
})
