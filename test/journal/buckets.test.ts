import { describe, expect, it } from 'vitest'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { changesOf, small, stateAfter, written } from './history.ts'
import { TestOwner, versionsOf } from './test-owner.ts'

describe('buckets', () => {
  it.each([
    { ring: 8, buckets: 1, everyCommits: 4, atOnce: 1 },
    { ring: 8, buckets: 2, everyCommits: 2, atOnce: 1 },
    { ring: 8, buckets: 4, everyCommits: 1, atOnce: 1 },
    { ring: 8, buckets: 8, everyCommits: 1, atOnce: 2 },
    { ring: 64, buckets: 4, everyCommits: 8, atOnce: 1 },
  ])(
    'are rewritten $atOnce at a time every $everyCommits commits with a ring of $ring and $buckets buckets',
    async ({ everyCommits, atOnce, ...settings }) => {
      const { owner } = await written(200, settings)
      expect(owner.journal.takeBucketWrites()).toBe((200 / everyCommits) * atOnce)
    },
  )

  it.each([
    { ring: 8, buckets: 2 },
    { ring: 8, buckets: 8 },
    { ring: 3, buckets: 2 },
    { ring: 5, buckets: 4 },
  ])('know all that commit n - $ring said before commit n is written ($buckets buckets)', async (settings) => {
    const { store, owner } = await written(0, settings)
    for (let n = 1; n <= 60; n++) {
      const seqs = Object.values(versionsOf(store.items, `.b.${settings.buckets}.`))
      const stalest = seqs.length < settings.buckets ? 0 : Math.min(...seqs)
      expect(stalest).toBeGreaterThanOrEqual(n - settings.ring)
      await owner.write(changesOf(n))
    }
  })

  it('hold the same when every owner dies right after its commit: the next one makes up for it', async () => {
    const store = memoryJournalStore()
    for (let n = 1; n <= 60; n++) {
      const owner = await TestOwner.load(store, small)
      expect([n, owner.journal.seq, owner.cells]).toEqual([n, n - 1, stateAfter(n - 1)])
      expect(await owner.commit(changesOf(n))).toBe('written')
    }
  })

  it.each(Array.from({ length: 12 }, (_, n) => n))(
    'hold the same when all upkeep fails in %i commits in a row',
    async (run) => {
      const { store } = await written(11)
      for (let n = 12; n < 12 + run; n++) {
        const owner = await TestOwner.load(store, small)
        await owner.commit(changesOf(n))
      }
      const loaded = await TestOwner.load(store, small)
      expect([loaded.journal.seq, loaded.cells]).toEqual([11 + run, stateAfter(11 + run)])
    },
  )

  it('are never overwritten by an older version', async () => {
    const { store, owner } = await written(10)
    const stale = await TestOwner.load(store, small)
    for (let n = 11; n <= 17; n++) await owner.write(changesOf(n))
    const before = versionsOf(store.items, '.b.2.')
    for (let i = 0; i < 4; i++) await stale.journal.maintain(stale.state)
    expect(versionsOf(store.items, '.b.2.')).toEqual(before)
  })
})
