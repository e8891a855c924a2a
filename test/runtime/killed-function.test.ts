import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, processor, seconds, table, topic } from '#millrace'
import { MillraceError } from '../../shared/errors.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import { beforePuts, Rig } from './rig.ts'

const START = 1_800_000_000_000
const TIMEOUT_MS = 10_000

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 2,
})
const perUser = processor('per-user', { timeout: TIMEOUT_MS })
  .from(clicks)
  .keyBy()
  .aggregate({ count: count() })
  .emit('updates', { every: seconds(1) })
  .to(table('per-user'))

class Killed extends Error {}

/** A function that dies after `writes` more writes to the journal. */
function killedAfter(writes: number, store: JournalStore): JournalStore {
  let left = writes
  return {
    ...store,
    put: (item, condition) => (left-- > 0 ? store.put(item, condition) : Promise.reject(new Killed())),
  }
}

function killedByPartition0(store: JournalStore): JournalStore {
  let dead = false
  const never = new Promise<never>(() => {})
  return {
    ...store,
    read: (keys) => (dead ? never : store.read(keys)),
    put(item, condition) {
      const isNote = (JSON.parse(item.head) as { attempting?: unknown }).attempting !== undefined
      dead ||= item.key.startsWith('per-user.1.0.c') && !isNote
      return dead ? never : store.put(item, condition)
    },
  }
}

describe('a record on which the function dies', () => {
  let rig: Rig
  const parked = () => rig.read<{ offset: number; reason: string }>('millrace-parked')
  /** The batch from offset `from` on, by a function that dies once it has written so often. */
  const dying = async (writes: number, from = 1) => {
    const environment = rig.environment('per-user', ({ journal }) => ({ journal: killedAfter(writes, journal) }))
    await expect(environment(await rig.batch('per-user', 0, from))).rejects.toThrow(Killed)
  }
  const whole = async (from = 1) => {
    const report = await rig.environment('per-user')(await rig.batch('per-user', 0, from))
    return report.partitions[0]!.totals
  }

  beforeEach(async () => {
    rig = await Rig.of([perUser], { nowMs: START })
    rig.append('clicks', 0, 'u', { user: 'u', at: START })
    await rig.environment('per-user')(await rig.batch('per-user', 0))
    rig.append('clicks', 0, 'u', ...[1, 2, 3].map((n) => ({ user: 'u', at: START + n })))
  })

  it('is tried as if nothing were, as long as something succeeded within two time-outs', async () => {
    rig.nowMs = START + 2 * TIMEOUT_MS - 1
    const { writes } = rig.store.usage
    expect(await whole()).toMatchObject({ counted: 4 })
    expect(rig.store.usage.writes - writes).toBe(1)
  })

  it('and is young is tried as if nothing were, however long the partition has been silent', async () => {
    rig.append('clicks', 0, 'u', { user: 'u', at: START + 3_600_000 })
    rig.nowMs = START + 3_600_000
    const { writes } = rig.store.usage
    await rig.environment('per-user')(await rig.batch('per-user', 0, 4))
    expect(rig.store.usage.writes - writes).toBe(1)
  })

  it('is parked unread after it was tried in its batch and twice alone; the others are counted', async () => {
    rig.nowMs = START + 3 * TIMEOUT_MS
    await dying(1)
    await dying(1)
    await dying(1)
    expect(await parked()).toEqual([])
    expect(await whole()).toMatchObject({ read: 4, counted: 3, parked: 1 })
    expect(await parked()).toMatchObject([{ offset: 1, reason: 'KILLED_FUNCTION' }])
    expect(rig.logged).toContain('record killed the function')
  })

  it('that is not the first is found by taking records one by one', async () => {
    rig.nowMs = START + 3 * TIMEOUT_MS
    await dying(1)
    // The note on record 1 alone, record 1; then it dies on record 2.
    await dying(2)
    expect(await whole(2)).toMatchObject({ read: 4, counted: 4, parked: 0 })
  })

  it('that another invocation parked meanwhile is not parked again', async () => {
    rig.nowMs = START + 3 * TIMEOUT_MS
    for (let n = 0; n < 3; n++) await dying(1)
    let raced = false
    const slower = rig.environment('per-user', ({ journal }) => ({
      journal: beforePuts(journal, '.c.', async () => {
        if (raced) return
        raced = true
        expect(await whole()).toMatchObject({ read: 4, counted: 3, parked: 1 })
      }),
    }))
    const report = await slower(await rig.batch('per-user', 0, 1))
    expect(report.partitions[0]!.totals).toMatchObject({ read: 4, counted: 3, parked: 1 })
    expect(await parked()).toHaveLength(1)
  })

  it('whose note another invocation wrote meanwhile is noted again on top of it', async () => {
    rig.nowMs = START + 3 * TIMEOUT_MS
    let raced = false
    const slower = rig.environment('per-user', ({ journal }) => ({
      journal: beforePuts(journal, '.c.', async () => {
        if (raced) return
        raced = true
        await dying(1)
      }),
    }))
    const report = await slower(await rig.batch('per-user', 0, 1))
    expect(report.partitions[0]!.totals).toMatchObject({ read: 4, counted: 4, parked: 0 })
  })

  it('of another partition of the same batch is not blamed for it', async () => {
    rig.append('clicks', 1, 'u', { user: 'u', at: START })
    await rig.environment('per-user')(await rig.batch('per-user', 1))
    rig.append('clicks', 1, 'u', { user: 'u', at: START + 1 })
    rig.nowMs = START + 3 * TIMEOUT_MS
    const records = { ...(await rig.batch('per-user', 0, 1)).records, ...(await rig.batch('per-user', 1, 1)).records }
    const event = { eventSource: 'aws:kafka', records } as const
    for (let n = 0; n < 3; n++) {
      // Dies on records of partition 0; what else it does is not answered any more.
      const dying = rig.environment('per-user', ({ journal }) => ({ journal: killedByPartition0(journal) }))
      void dying(event).catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { partitions } = await rig.environment('per-user')(event)
    expect(partitions.map(({ totals }) => [totals.counted, totals.parked])).toEqual([
      [3, 1],
      [2, 0],
    ])
  })

  it('is not one that the others left no time for: nothing is noted that is not tried', async () => {
    rig.append('clicks', 1, 'u', { user: 'u', at: START })
    await rig.environment('per-user')(await rig.batch('per-user', 1))
    rig.append('clicks', 1, 'u', { user: 'u', at: START + 1 })
    const records = { ...(await rig.batch('per-user', 0, 1)).records, ...(await rig.batch('per-user', 1, 1)).records }
    const event = { eventSource: 'aws:kafka', records } as const
    rig.nowMs = START + 3 * TIMEOUT_MS
    for (let n = 0; n < 4; n++) {
      let remainingMs = 60_000
      const slow = rig.environment('per-user', ({ journal }) => ({
        journal: beforePuts(journal, '', async () => {
          remainingMs = 0
        }),
      }))
      const hurried = { getRemainingTimeInMillis: () => remainingMs, awsRequestId: 'slow' }
      await expect(slow(event, hurried)).rejects.toMatchObject({ code: 'DEADLINE' })
      rig.nowMs += 3 * TIMEOUT_MS
    }
    const { partitions } = await rig.environment('per-user')(event)
    expect(partitions[1]!.totals).toMatchObject({ counted: 2, parked: 0 })
  })

  it('is not one whose write the database refused for a while: the function has survived it', async () => {
    rig.nowMs = START + 3 * TIMEOUT_MS
    const environment = rig.environment('per-user', ({ journal }) => {
      let puts = 0
      // Every note is written, every commit of records fails.
      const put: JournalStore['put'] = (item, condition) =>
        puts++ % 2 === 0
          ? journal.put(item, condition)
          : Promise.reject(new MillraceError('JOURNAL_UNREACHABLE', { reason: 'throttled' }))
      return { journal: { ...journal, put } }
    })
    for (let n = 0; n < 5; n++)
      await expect(environment(await rig.batch('per-user', 0, 1))).rejects.toMatchObject({ retriable: true })
    expect(await whole()).toMatchObject({ read: 4, counted: 4, parked: 0 })
    expect(await parked()).toEqual([])
  })
})
