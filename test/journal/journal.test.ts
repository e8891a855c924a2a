import { describe, expect, it } from 'vitest'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { changesOf, small, stateAfter, written } from './history.ts'
import { TestOwner, versionsOf } from './test-owner.ts'

const output = (value: string) => ({ target: 't', partition: 0, key: 'k', value, timeMs: 5, sort: '' })

describe('a journal', () => {
  it('is empty before the first commit', async () => {
    const owner = await TestOwner.load(memoryJournalStore(), small)
    expect(owner.journal.seq).toBe(0)
    expect(owner.journal.last).toBeUndefined()
    expect(owner.cells).toEqual({})
  })

  it('loads what was committed, whatever the number of commits', async () => {
    const { store, owner } = await written(0)
    for (let n = 1; n <= 60; n++) {
      await owner.write(changesOf(n))
      const loaded = await TestOwner.load(store, small)
      expect([loaded.journal.seq, loaded.cells]).toEqual([n, stateAfter(n)])
    }
  })

  it('puts commit n in slot n mod ring, over commit n - ring', async () => {
    const { store } = await written(20)
    expect(versionsOf(store.items, '.c.')).toEqual({ 0: 16, 1: 17, 2: 18, 3: 19, 4: 20, 5: 13, 6: 14, 7: 15 })
  })

  it('gives the newest commit back with its outputs', async () => {
    const { store, owner } = await written(9)
    await owner.write({ k1: 'new' }, [output('"a"'), output('null'), { ...output(''), value: null, key: null }])
    const { journal } = await TestOwner.load(store, small)
    expect(journal.last?.head).toMatchObject({ seq: 10, outbox: 3 })
    expect(journal.last?.outbox).toEqual([output('"a"'), output('null'), { ...output(''), value: null, key: null }])
  })

  it.each([
    ['keys, cells and values with tabs, line feeds and the ends of Unicode', 'a\tb\n\n\u0000\ud800ü☀\u2028'],
    ['keys that look like a body', '"k"\t"v"\t-1\t""\n'],
  ])('keeps %s as they are', async (_, text) => {
    const store = memoryJournalStore()
    const owner = await TestOwner.load(store, small)
    await owner.write({ [text]: text, plain: '' }, [{ ...output(JSON.stringify(text)), key: text }])
    const loaded = await TestOwner.load(store, small)
    expect(loaded.cells).toEqual({ [text]: text, plain: '' })
    expect(loaded.journal.last?.outbox).toEqual([{ ...output(JSON.stringify(text)), key: text }])
  })

  it('cuts nothing by itself: a commit above the limit is too large, and nothing is written', async () => {
    const store = memoryJournalStore()
    const owner = await TestOwner.load(store, { ...small, commitBytesMax: 2_000 })
    expect(await owner.write({ k1: 'x'.repeat(2_000) })).toBe('too-large')
    expect([store.items.size, owner.journal.seq, owner.cells]).toEqual([0, 0, {}])
    expect(await owner.write({ k1: 'x'.repeat(1_000) })).toBe('written')
    expect(await owner.write({}, [output(`"${'x'.repeat(2_000)}"`)])).toBe('too-large')
    expect((await TestOwner.load(store, small)).journal.seq).toBe(1)
  })
})

describe('reading forward', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'takes in %i commits of another owner, and the newest outputs',
    async (commits) => {
      const { store, owner } = await written(12)
      const other = await TestOwner.load(store, small)
      for (let n = 13; n < 13 + commits; n++) await owner.write(changesOf(n), [output(`"${n}"`)])
      expect(await other.readForward()).toBe('end')
      expect([other.journal.seq, other.cells]).toEqual([12 + commits, stateAfter(12 + commits)])
      expect(other.journal.last?.outbox).toEqual(commits === 0 ? [] : [output(`"${12 + commits}"`)])
    },
  )

  it.each([9, 10, 15, 16, 17, 40])(
    'notices that the ring has gone round after %i commits, and loads',
    async (commits) => {
      const { store, owner } = await written(12)
      const other = await TestOwner.load(store, small)
      for (let n = 13; n < 13 + commits; n++) await owner.write(changesOf(n))
      expect(await other.readForward()).toBe('fell-off')
      expect([other.journal.seq, other.cells]).toEqual([12 + commits, stateAfter(12 + commits)])
    },
  )

  it('goes over many pages of a large ring', async () => {
    const settings = { ring: 300, buckets: 2 }
    const { store, owner } = await written(10, settings)
    const other = await TestOwner.load(store, settings)
    for (let n = 11; n <= 300; n++) await owner.write(changesOf(n))
    expect(await other.readForward()).toBe('end')
    expect([other.journal.seq, other.cells]).toEqual([300, stateAfter(300)])
  })
})

describe('two owners', () => {
  it('of which one is faster: the other is refused, nothing of it is written, and it reads forward', async () => {
    const { store, owner } = await written(12)
    const other = await TestOwner.load(store, small)
    expect(await owner.write({ k1: 'mine' })).toBe('written')
    expect(await other.write({ k1: 'theirs', k9: 'theirs' })).toBe('refused')
    expect([other.journal.seq, other.cells]).toEqual([12, stateAfter(12)])
    await other.readForward()
    expect(other.cells).toEqual({ ...stateAfter(12), k1: 'mine' })
    expect(await other.write({ k9: 'theirs' })).toBe('written')
    expect(await owner.write({ k2: 'again' })).toBe('refused')
  })

  it('at the very first commit: one of them wins', async () => {
    const store = memoryJournalStore()
    const owners = [await TestOwner.load(store, small), await TestOwner.load(store, small)] as const
    const outcomes = await Promise.all(owners.map((each, n) => each.write({ k: `v${n}` })))
    expect(outcomes.toSorted()).toEqual(['refused', 'written'])
    expect((await TestOwner.load(store, small)).cells).toEqual({ k: `v${outcomes.indexOf('written')}` })
  })

  it.each([1, 7, 8, 9, 16, 100])('never slip into a slot that has moved on by %i commits', async (commits) => {
    const { store, owner } = await written(12)
    const stale = await TestOwner.load(store, small)
    for (let n = 13; n < 13 + commits; n++) await owner.write(changesOf(n))
    const before = versionsOf(store.items, '.c.')
    expect(await stale.write({ k1: 'stale' })).toBe('refused')
    expect(versionsOf(store.items, '.c.')).toEqual(before)
  })

  it('take turns at random and lose nothing', async () => {
    const { store } = await written(0)
    const owners = await Promise.all([0, 1, 2].map(() => TestOwner.load(store, small)))
    const expected: Record<string, string> = {}
    for (let n = 0; n < 300; n++) {
      const owner = owners[(n * 7 + (n >> 3)) % 3]!
      const changes = { [`k${n % 11}`]: `v${n}` }
      while ((await owner.write(changes)) === 'refused') await owner.readForward()
      Object.assign(expected, changes)
    }
    expect((await TestOwner.load(store, small)).cells).toEqual(expected)
  })
})
