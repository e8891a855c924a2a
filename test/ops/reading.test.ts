import { describe, expect, it } from 'vitest'
import { forget } from '../../ops/commands/forget.ts'
import { type CommitShown, journalShow } from '../../ops/commands/journal-show.ts'
import { lag } from '../../ops/commands/lag.ts'
import { prune } from '../../ops/commands/prune.ts'
import { addressesOf, stateGet } from '../../ops/commands/state-get.ts'
import { newestCommit } from '../../ops/journal/read.ts'
import { partitionOf, stagesNamed, statefulStage } from '../../ops/stages.ts'
import { keyAddress } from '../../shared/engine/key.ts'
import { plan as planOf } from '../../shared/processor/plan.ts'
import { largeOnes, newest, pay, perUser, shop } from './shop.ts'

const SMALL = { ring: 8, buckets: 2 }
const ones = (n: number): number[] => Array.from({ length: n }, () => 1)

describe('the newest commit of a journal', () => {
  it.each([0, 1, 2, 7, 8, 9, 15, 16, 17, 100])('is found among %i of them', async (n) => {
    const { rig } = await shop(ones(n), SMALL)
    expect((await newestCommit(rig.store, 'per-user.1.0'))?.seq).toBe(n === 0 ? undefined : n)
  })

  it('costs a logarithm of reads', async () => {
    const { rig } = await shop(ones(30), { ring: 16, buckets: 2 })
    const before = rig.store.usage.reads
    await newestCommit(rig.store, 'per-user.1.0')
    expect(rig.store.usage.reads - before).toBeLessThanOrEqual(5)
  })
})

describe('journal show', () => {
  it('has the last commits in order, with what they did', async () => {
    const { target, stage } = await shop([10, 150, 20])
    const commits = (await journalShow(target, stage, 0, 2)).json as CommitShown[]
    expect(commits).toMatchObject([
      { seq: 2, kind: 'batch', offset: 1, cells: 1, outputs: 1, counts: { read: 2, counted: 1, parked: 1 } },
      { seq: 3, kind: 'batch', offset: 2, cells: 1, outputs: 1, counts: { read: 3, counted: 2, parked: 1 } },
    ])
    expect(commits[0]!.bytes).toBeGreaterThan(100)
  })

  it('has no more than the ring holds', async () => {
    const { target, stage } = await shop(ones(20), SMALL)
    const commits = (await journalShow(target, stage, 0, 100)).json as CommitShown[]
    expect(commits.map(({ seq }) => seq)).toEqual([13, 14, 15, 16, 17, 18, 19, 20])
  })

  it('says when there is none', async () => {
    const { target, stage } = await shop([])
    expect(await journalShow(target, stage, 1, 9)).toMatchObject({ text: expect.stringMatching(/no commit/), json: [] })
  })
})

describe('state get', () => {
  const valueIn = async (found: ReturnType<typeof stateGet>) => ((await found).json as { value: unknown }[])[0]?.value

  it.each([1, 5, 8, 9, 30])('finds what a key has after %i records', async (n) => {
    const { target, stage } = await shop(ones(n), SMALL)
    expect(JSON.stringify(await valueIn(stateGet(target, stage, 'u', {})))).toContain(`${n}`)
  })

  it('tells what it was after an earlier offset, as far back as the ring tells', async () => {
    const amounts = ones(20)
    const { target, stage } = await shop(amounts, SMALL)
    // Ring of 8: commits 13 to 20, which are offsets 12 to 19. The state of one key after n records is that of a shop of n.
    for (let at = 12; at < 20; at++) {
      const alone = await shop(ones(at + 1), SMALL)
      const then = await valueIn(stateGet(alone.target, alone.stage, 'u', {}))
      expect(await valueIn(stateGet(target, stage, 'u', { at }))).toEqual(then)
    }
    await expect(stateGet(target, stage, 'u', { at: 11 })).rejects.toThrow(
      /does not reach back to offset 11.*offset 12/,
    )
  })

  it('looks in every partition for a key that others have put where it does not belong', async () => {
    const { rig, target, stage } = await shop([])
    for (const partition of [0, 1]) rig.append('paid', partition, `u${partition}`, pay(`u${partition}`, 1))
    for (const partition of [0, 1]) await rig.environment('per-user')(await rig.batch('per-user', partition))
    for (const partition of [0, 1])
      expect((await stateGet(target, stage, `u${partition}`, {})).json).toMatchObject([
        { partition, key: `u${partition}` },
      ])
  })

  it('says when there is nothing', async () => {
    const { target, stage } = await shop([1])
    expect((await stateGet(target, stage, 'nobody\u001b', {})).text).toBe(
      'per-user has no state for the key "nobody\\u001b".',
    )
  })

  it('takes a key as text and as what it says in JSON', () => {
    expect(addressesOf('a')).toEqual([keyAddress('a')])
    expect(addressesOf('42')).toEqual([keyAddress('42'), keyAddress(42)])
    expect(addressesOf('["api","error"]')).toEqual([keyAddress('["api","error"]'), keyAddress(['api', 'error'])])
  })
})

describe('lag', () => {
  it('has end, journal and group per partition, and what waits', async () => {
    const { rig, target, plan, stage } = await shop([1, 2])
    rig.append('paid', 0, 'u', pay('u', 3), pay('u', 4))
    rig.append('paid', 1, 'v', pay('v', 3))
    await rig.commit('large-ones', 0, 1)
    expect((await lag(target, plan)).json).toMatchObject([
      { stage: 'per-user', partition: 0, end: 4, applied: 2, committed: 2, waiting: 2 },
      { stage: 'per-user', partition: 1, end: 1, waiting: 1 },
      { stage: 'large-ones', partition: 0, end: 4, committed: 1, waiting: 3 },
      { stage: 'large-ones', partition: 1, end: 1, waiting: 1 },
    ])
    rig.broker.deleteRecordsBefore('paid', 0, 3)
    expect((await lag(target, plan, [stage])).json).toMatchObject([{ waiting: 1 }, { waiting: 1 }])
  })
})

describe('prune', () => {
  it('lists what is left of processors that are declared no more, and deletes that alone when told to', async () => {
    const { rig, target, read } = await shop([1, 2])
    await rig.commit('large-ones', 0, 1)
    await rig.broker.commit('their-own', 'paid', [{ partition: 0, offset: 1, metadata: '' }])
    const items = rig.store.items.size
    const without = planOf([largeOnes])
    for (const yes of [false, true]) {
      expect((await prune(target, without, yes)).json).toEqual([
        { processor: 'per-user', generation: 1, items, groups: ['millrace.per-user.1.main'], deleted: yes },
      ])
      expect(rig.store.items.size).toBe(yes ? 0 : items)
    }
    expect((await rig.broker.groups()).toSorted()).toEqual(['millrace.large-ones.1.main', 'their-own'])
    expect((await prune(target, without, true)).json).toEqual([])
    await read(5)
    expect((await prune(target, rig.plan, true)).json).toEqual([])
    expect(rig.store.items.size).toBeGreaterThan(0)
  })

  it.each(['main', 'rekey', 'rekey-orders', 'rekey-eu.orders'])(
    'finds the consumer group of a stage %s',
    async (name) => {
      const { rig, target, plan } = await shop([])
      await rig.broker.commit(`millrace.activity.3.${name}`, 'paid', [{ partition: 0, offset: 1, metadata: '' }])
      expect((await prune(target, plan, false)).json).toMatchObject([
        { processor: 'activity', generation: 3, groups: [`millrace.activity.3.${name}`] },
      ])
    },
  )
})

describe('forget', () => {
  it('says first what it will do and what is out of reach, then erases', async () => {
    const { rig, read, target, plan, stage } = await shop([1, 2])
    const said = await forget(target, plan, 'u', false)
    expect(target.sent).toEqual([])
    expect(said.text).toMatch(/--yes/)
    for (const place of ['paid', 'totals', 'millrace-parked']) expect(said.text).toContain(`topic ${place}`)
    const { json } = await forget(target, plan, 'u', true)
    expect(json).toMatchObject({ erased: [{ stage: 'per-user', cells: 1 }] })
    expect((await stateGet(target, stage, 'u', {})).json).toEqual([])
    await read(7)
    expect(await newest(rig)).toMatchObject({ count: 1, total: 7 })
  })
})

describe('the stage that a name means', () => {
  const plan = planOf([perUser, largeOnes])

  it('is the one of the processor', () => {
    expect(stagesNamed(plan, 'large-ones').map(({ id }) => id)).toEqual(['large-ones'])
    expect(statefulStage(plan, 'per-user').id).toBe('per-user')
  })

  it('must exist, and keep state where that is needed', () => {
    expect(() => stagesNamed(plan, 'per-usr')).toThrow(/PROCESSORS_UNKNOWN.*per-user, large-ones/)
    expect(() => statefulStage(plan, 'large-ones')).toThrow(/keeps no state/)
  })

  it.each(['2', '-1', '1.5', 'x', ''])('has no partition %j', (text) => {
    expect(() => partitionOf(statefulStage(plan, 'per-user'), text)).toThrow(/has the partitions 0 to 1/)
  })
})
