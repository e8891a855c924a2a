import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, processor, sum, topic } from '#millrace'
import { countsBalance } from '../../shared/engine/counts.ts'
import { MillraceError } from '../../shared/errors.ts'
import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { type ParkedRecord, recordOf } from '../../shared/runtime/parking.ts'
import { beforePuts, Rig } from './rig.ts'

const START = 1_800_000_000_000
const paid = topic('paid', {
  schema: z.object({ user: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.user,
  time: (payment) => payment.at,
  partitions: 1,
})
const totals = topic('totals', {
  schema: z.object({ key: z.string(), count: z.number(), total: z.number() }),
  partitions: 1,
})
const large = topic('large', { schema: paid.schema, key: (payment) => payment.user, partitions: 1 })
const seen = topic('seen', { schema: z.object({ key: z.string(), count: z.number() }), partitions: 1 })

/** Code with a bug that is mended while it runs: amounts above 100 fail. */
const bug = { isThere: true }
const check = (amount: number): number => {
  if (bug.isThere && amount > 100) throw new TypeError('bug')
  return amount
}
const perUser = processor('per-user')
  .from(paid)
  .keyBy()
  .aggregate({ count: count(), total: sum((payment) => check(payment.amount)) })
  .to(totals)
const largeOnes = processor('large-ones')
  .from(paid)
  .filter((payment) => check(payment.amount) > 10)
  .to(large)
const seenOnes = processor('seen-ones').from(large).keyBy().aggregate({ count: count() }).to(seen)

const pay = (amount: number) => ({ user: 'u', amount, at: START })

/** Three payments of one user, of which the second was parked by the bug, which is mended now. */
async function mended(id: 'per-user' | 'large-ones') {
  const rig = await Rig.of([perUser, largeOnes, seenOnes], { nowMs: START })
  bug.isThere = true
  rig.append('paid', 0, 'u', pay(50), pay(150), pay(60))
  await rig.environment(id)(await rig.batch(id, 0))
  const parked = await rig.read<ParkedRecord>(PARKED_TOPIC)
  const records = parked.map((each) => recordOf(each)!)
  bug.isThere = false
  const redrive = (given: readonly KafkaEventRecord[] = records) => ({ millrace: 'redrive', records: given }) as const
  return { rig, records, redrive, invoke: rig.environment(id) }
}

/** By id: the newest outputs are published again when nobody knows that they are out. */
const parkedIn = async (rig: Rig): Promise<ParkedRecord[]> => [
  ...new Map((await rig.read<ParkedRecord>(PARKED_TOPIC)).map((each) => [each.id, each])).values(),
]

const newest = async (rig: Rig) => (await rig.read<{ count: number; total: number }>('totals')).at(-1)

describe('a redrive of a stage with state', () => {
  it('applies what was parked, and moves it from parked to counted', async () => {
    const { rig, invoke, redrive } = await mended('per-user')
    expect(await newest(rig)).toMatchObject({ count: 2, total: 110 })
    const { redriven, partitions } = await invoke(redrive())
    expect(redriven).toEqual([{ partition: 0, offset: 1, outcome: 'applied' }])
    expect(await newest(rig)).toMatchObject({ count: 3, total: 260 })
    expect(partitions[0]!.totals).toMatchObject({ read: 3, counted: 3, parked: 0 })
    expect(countsBalance(partitions[0]!.totals)).toBe(true)
  })

  it('applies it once, whoever sends it how often', async () => {
    const { rig, records, invoke, redrive } = await mended('per-user')
    await invoke(redrive())
    const again = await rig.environment('per-user')(redrive([...records, ...records]))
    expect(again.redriven!.map(({ outcome }) => outcome)).toEqual(['not parked', 'not parked'])
    expect(await newest(rig)).toMatchObject({ count: 3, total: 260 })
  })

  it('applies it once when the database has written, and answered that it failed', async () => {
    const { rig, redrive } = await mended('per-user')
    let failures = 1
    const unlucky = rig.environment('per-user', ({ journal }) => ({
      journal: {
        ...journal,
        put: async (item, condition) => {
          const outcome = await journal.put(item, condition)
          if (failures-- > 0) throw new MillraceError('JOURNAL_UNREACHABLE', { reason: 'as told' })
          return outcome
        },
      },
    }))
    await expect(unlucky(redrive())).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' })
    const { redriven } = await unlucky(redrive())
    expect(redriven!.map(({ outcome }) => outcome)).toEqual(['not parked'])
    expect(await newest(rig)).toMatchObject({ count: 3, total: 260 })
  })

  it('applies it once when two are at it, and a batch between them', async () => {
    const { rig, redrive } = await mended('per-user')
    rig.append('paid', 0, 'u', pay(70))
    let first = true
    const slow = rig.environment('per-user', ({ journal }) => ({
      journal: beforePuts(journal, '.c.', async () => {
        if (!first) return
        first = false
        await rig.environment('per-user')(await rig.batch('per-user', 0, 3))
        await rig.environment('per-user')(redrive())
      }),
    }))
    const { redriven } = await slow(redrive())
    expect(redriven!.map(({ outcome }) => outcome)).toEqual(['not parked'])
    expect(await newest(rig)).toMatchObject({ count: 4, total: 330 })
  })

  it('leaves parked what would be parked again', async () => {
    const { rig, invoke, redrive } = await mended('per-user')
    bug.isThere = true
    const { redriven, partitions } = await invoke(redrive())
    expect(redriven).toEqual([{ partition: 0, offset: 1, outcome: 'refused', code: 'CODE_FAILED' }])
    expect(partitions[0]).toMatchObject({ commits: 0, totals: { counted: 2, parked: 1 } })
    expect(await parkedIn(rig)).toHaveLength(1)
    bug.isThere = false
    expect((await invoke(redrive())).redriven!.map(({ outcome }) => outcome)).toEqual(['applied'])
  })

  it('knows nothing of a record that was never parked', async () => {
    const { rig, records, invoke, redrive } = await mended('per-user')
    const { redriven } = await invoke(redrive([{ ...records[0]!, offset: 0 }]))
    expect(redriven!.map(({ outcome }) => outcome)).toEqual(['not parked'])
    expect(await newest(rig)).toMatchObject({ count: 2 })
  })

  it('gives up what is discarded, for good', async () => {
    const { invoke, records, redrive } = await mended('per-user')
    const { redriven, partitions } = await invoke({ millrace: 'redrive', records, discard: true })
    expect(redriven!.map(({ outcome }) => outcome)).toEqual(['discarded'])
    expect(partitions[0]!.totals).toMatchObject({ read: 3, counted: 2, parked: 1 })
    expect((await invoke(redrive())).redriven!.map(({ outcome }) => outcome)).toEqual(['not parked'])
  })

  it('refuses records of another topic', async () => {
    const { invoke, records, redrive } = await mended('per-user')
    await expect(invoke(redrive([{ ...records[0]!, topic: 'other' }]))).rejects.toMatchObject({ code: 'EVENT_UNKNOWN' })
  })
})

describe('a redrive of a stage without state', () => {
  it('puts out what the record makes; a reader takes it once, however often it is sent', async () => {
    const { rig, invoke, redrive } = await mended('large-ones')
    for (let n = 0; n < 2; n++)
      expect((await invoke(redrive())).redriven!.map(({ outcome }) => outcome)).toEqual(['applied'])
    expect((await rig.read<{ amount: number }>('large')).map(({ amount }) => amount)).toEqual([50, 60, 150, 150])
    const { partitions } = await rig.environment('seen-ones')(await rig.batch('seen-ones', 0))
    expect(partitions[0]!.totals).toMatchObject({ read: 4, counted: 3, duplicatesDropped: 1 })
  })

  it('leaves parked what would be parked again', async () => {
    const { rig, invoke, redrive } = await mended('large-ones')
    bug.isThere = true
    expect((await invoke(redrive())).redriven).toMatchObject([{ outcome: 'refused' }])
    expect(await parkedIn(rig)).toHaveLength(1)
  })
})

describe('a skip', () => {
  it('parks unread what stands before the offset, goes on behind it, and what was skipped can be redriven', async () => {
    const rig = await Rig.of([perUser], { nowMs: START })
    bug.isThere = false
    rig.append('paid', 0, 'u', pay(1), pay(2), pay(4), pay(8))
    const invoke = rig.environment('per-user')
    const { partitions } = await invoke({ millrace: 'skip', partition: 0, to: 2 })
    expect(partitions[0]).toMatchObject({ offset: 1, totals: { read: 2, parked: 2, counted: 0 } })
    const batch = await invoke(await rig.batch('per-user', 0))
    expect(batch.partitions[0]!.totals).toMatchObject({ read: 4, parked: 2, counted: 2 })
    const parked = await parkedIn(rig)
    expect(parked.map(({ offset, reason }) => [offset, reason])).toEqual([
      [0, 'SKIPPED'],
      [1, 'SKIPPED'],
    ])
    await invoke({ millrace: 'redrive', records: parked.map((each) => recordOf(each)!) })
    expect(await newest(rig)).toMatchObject({ count: 4, total: 15 })
  })

  it('is not for a stage without state, which keeps no place', async () => {
    const { invoke } = await mended('large-ones')
    await expect(invoke({ millrace: 'skip', partition: 0, to: 1 })).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('behind a redrive, on a partition that is silent and settled,', () => {
  it('the tick fires the timers that it opened, also when the invocation died behind its commit', async () => {
    bug.isThere = true
    const slowly = processor('slowly', { idleAfter: 60_000 })
      .from(paid)
      .keyBy()
      .aggregate({ count: count(), total: sum((payment) => check(payment.amount)) })
      .emit('updates', { every: 1_000 })
      .to(totals)
    const rig = await Rig.of([slowly], { nowMs: START })
    rig.append('paid', 0, 'u', pay(150))
    const invoke = rig.environment('slowly')
    await invoke(await rig.batch('slowly', 0))
    await rig.commit('slowly', 0, 1)
    const tickEveryMinute = async (minutes: number) => {
      for (let n = 0; n < minutes; n++) {
        rig.nowMs += 60_000
        await rig.environment('slowly')({ millrace: 'tick' })
      }
    }
    await tickEveryMinute(5)
    bug.isThere = false
    const records = (await parkedIn(rig)).map((each) => recordOf(each)!)
    const dying = rig.environment('slowly', ({ journal }) => ({
      journal: {
        ...journal,
        put: async (item, condition) => {
          const outcome = await journal.put(item, condition)
          if (item.key.includes('.c.')) throw new Error('killed')
          return outcome
        },
      },
    }))
    await expect(dying({ millrace: 'redrive', records })).rejects.toThrow()
    expect(await newest(rig)).toBeUndefined()
    await tickEveryMinute(5)
    expect(await newest(rig)).toMatchObject({ count: 1, total: 150 })
  })
})
