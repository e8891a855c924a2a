import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, processor, sum, topic } from '#millrace'
import { zstd } from '../../shared/journal/codec.ts'
import { forget as forgetStage } from '../../shared/runtime/forget.ts'
import { beforePuts, Rig } from './rig.ts'

const START = 1_800_000_000_000
const paid = topic('paid', {
  schema: z.object({ user: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.user,
  time: (payment) => payment.at,
  partitions: 2,
})
const totals = topic('totals', {
  schema: z.object({ key: z.string(), count: z.number(), total: z.number() }),
  partitions: 1,
})
const perUser = processor('per-user')
  .from(paid)
  .keyBy()
  .aggregate({ count: count(), total: sum((payment) => payment.amount) })
  .to(totals)

const pay = (user: string, amount: number) => ({ user, amount, at: START })

/** Payments of alice and bob, each committed by itself: `rounds` of them in a ring of 8 commits and 2 buckets. */
async function used(rounds = 3) {
  const rig = await Rig.of([perUser], { nowMs: START, settings: { ring: 8, buckets: 2 } })
  const invoke = rig.environment('per-user')
  for (let round = 0; round < rounds; round++)
    for (const user of ['alice', 'bob']) {
      rig.append('paid', 0, user, pay(user, 10))
      await invoke(await rig.batch('per-user', 0, 2 * round + (user === 'alice' ? 0 : 1)))
    }
  return { rig, invoke }
}

const forget = (...keys: string[]) => ({ millrace: 'forget', keys }) as const

/** Items of the journal in which a text stands. */
const holding = (rig: Rig, text: string): string[] =>
  [...rig.store.items.values()]
    .filter(({ head, body }) => (head + (body.length > 0 ? zstd.decompress(body) : '')).includes(text))
    .map(({ key }) => key)

const lastOf = async (rig: Rig, user: string) =>
  (await rig.read<{ key: string; count: number; total: number }>('totals')).filter(({ key }) => key === user).at(-1)

describe('a forget', () => {
  it.each([1, 3, 4, 5, 20])('leaves nothing of a key in any item of the journal, after %i rounds', async (rounds) => {
    const { rig, invoke } = await used(rounds)
    expect(holding(rig, 'alice')).not.toEqual([])
    const { forgotten } = await invoke(forget('alice'))
    expect(forgotten).toEqual([{ partition: 0, cells: 1, items: expect.any(Number) }])
    // The commit that deletes must name the key, until the ring has gone round.
    expect(holding(rig, 'alice')).toHaveLength(1)
    expect(holding(rig, '"total":')).toEqual([])
  })

  it('is named by nothing once the ring has gone round', async () => {
    const { rig, invoke } = await used()
    await invoke(forget('alice'))
    for (let n = 0; n < 8; n++) {
      rig.append('paid', 0, 'bob', pay('bob', 10))
      await invoke(await rig.batch('per-user', 0, 6 + n))
    }
    expect(holding(rig, 'alice')).toEqual([])
  })

  it('leaves the others as they are, and a forgotten key begins anew: for the warm function and for a new one', async () => {
    const { rig, invoke } = await used()
    await invoke(forget('alice'))
    for (const [n, environment] of [invoke, rig.environment('per-user')].entries()) {
      rig.append('paid', 0, 'alice', pay('alice', 5))
      rig.append('paid', 0, 'bob', pay('bob', 5))
      await environment(await rig.batch('per-user', 0, 6 + 2 * n))
      expect(await lastOf(rig, 'alice')).toMatchObject({ count: n + 1, total: 5 * (n + 1) })
      expect(await lastOf(rig, 'bob')).toMatchObject({ count: 4 + n, total: 35 + 5 * n })
    }
  })

  it.each([1, 2])('is believed by a function that was warm before it, done %i times', async (times) => {
    const { rig, invoke } = await used()
    for (let n = 0; n < times; n++) await rig.environment('per-user')(forget('alice'))
    rig.append('paid', 0, 'alice', pay('alice', 5))
    await invoke(await rig.batch('per-user', 0, 6))
    expect(await lastOf(rig, 'alice')).toMatchObject({ count: 1, total: 5 })
  })

  it('can be done again, and has nothing to do then', async () => {
    const { invoke } = await used()
    await invoke(forget('alice'))
    const { forgotten } = await invoke(forget('alice'))
    expect(forgotten).toEqual([{ partition: 0, cells: 0, items: expect.any(Number) }])
  })

  it.each([0, 1, 2, 3, 4, 5])('is finished by the next one when it died at its write number %i', async (n) => {
    const { rig } = await used()
    let puts = 0
    const dying = rig.environment('per-user', ({ journal }) => ({
      journal: beforePuts(journal, '', async () => {
        if (puts++ >= n) throw new Error('died')
      }),
    }))
    await dying(forget('alice')).catch(() => undefined)
    await rig.environment('per-user')(forget('alice'))
    expect(holding(rig, '"total":')).toEqual([])
    rig.append('paid', 0, 'bob', pay('bob', 1))
    await rig.environment('per-user')(await rig.batch('per-user', 0, 6))
    expect(await lastOf(rig, 'bob')).toMatchObject({ count: 4, total: 31 })
  })

  it.each([[['\u0000holes']], [['']], [[7]], ['alice']])('refuses %j, which are no addresses of keys', async (keys) => {
    const { invoke } = await used(1)
    await expect(invoke({ millrace: 'forget', keys: keys as never })).rejects.toMatchObject({ code: 'EVENT_UNKNOWN' })
  })

  it('can be for one partition alone', async () => {
    const { rig, invoke } = await used(1)
    rig.append('paid', 1, 'alice', pay('alice', 10))
    await invoke(await rig.batch('per-user', 1))
    expect((await invoke({ ...forget('alice'), partition: 1 })).forgotten).toMatchObject([{ partition: 1, cells: 1 }])
    expect((await invoke(forget('alice'))).forgotten).toMatchObject([{ cells: 1 }, { partition: 1, cells: 0 }])
  })

  it('has nothing to do in a stage without state', async () => {
    const { rig } = await used(1)
    const stage = { ...rig.stage('per-user'), stateful: false }
    expect(await forgetStage(stage, undefined as never, forget('alice'), undefined as never, [])).toEqual([])
  })
})
