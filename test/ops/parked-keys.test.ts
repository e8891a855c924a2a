import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, sum, topic, tumbling } from '#millrace'
import { parkedList, parkedShow } from '../../ops/commands/parked.ts'
import { type Fate, redrive } from '../../ops/commands/redrive.ts'
import type { Outcome } from '../../ops/target.ts'
import { Rig } from '../runtime/rig.ts'
import { memoryTarget } from './memory-target.ts'
import { paid, pay, START } from './shop.ts'

const totals = topic('totals', {
  schema: z.object({ key: z.string(), count: z.number(), total: z.number() }),
  partitions: 1,
})
const bug = { isThere: true }
const inOrder = processor('in-order', { park: 'key' })
  .from(paid)
  .keyBy()
  .aggregate({
    count: count(),
    total: sum(({ amount }) => {
      if (bug.isThere && amount > 100) throw new TypeError('bug')
      return amount
    }),
  })
  .to(totals)

/** A payment of u that the bug parks, with `behind` of u and one of v behind it. */
async function held(behind: number) {
  bug.isThere = true
  const rig = await Rig.of([inOrder])
  rig.append('paid', 0, 'u', pay('u', 150), ...Array.from({ length: behind }, () => pay('u', 1)))
  rig.append('paid', 0, 'v', pay('v', 1))
  await rig.environment('in-order')(await rig.batch('in-order', 0))
  return { rig, target: memoryTarget(rig), plan: rig.plan }
}

const LIST = { limit: 50, all: false }
const FIRST = 'in-order/paid/0/0'
const fates = (outcome: Outcome) => (outcome.json as Fate[]).map(({ id, outcome, why }) => [id, why ?? outcome])

it('parked list has what holds a key once, and says how many wait behind it', async () => {
  const { target, plan } = await held(3)
  const { text, json } = await parkedList(target, plan, {}, LIST)
  expect(text).toMatch(/in-order +│ KEY_HELD +│ +3 │/)
  expect(text).toMatch(/in-order\/paid\/0\/0 │ CODE_FAILED .* waiting, 3 behind it │/)
  expect(text).not.toContain('in-order/paid/0/1')
  expect((json as { records: { state: string }[] }).records.map(({ state }) => state)).toEqual([
    'waiting',
    ...Array(3).fill('held'),
  ])
  expect((await parkedList(target, plan, {}, { ...LIST, all: true })).text).toContain('in-order/paid/0/1')
  expect((await parkedShow(target, plan, FIRST)).text).toContain('state      waiting, 3 of its key wait behind it')
})

it('parked redrive of the one that holds the key says what became of those behind it', async () => {
  const { rig, target, plan } = await held(2)
  expect(fates(await redrive(target, plan, { reason: 'KEY_HELD' }, false))).toEqual([
    ['in-order/paid/0/1', 'KEY_HELD'],
    ['in-order/paid/0/2', 'KEY_HELD'],
  ])
  bug.isThere = false
  expect(fates(await redrive(target, plan, { id: FIRST }, false))).toEqual([
    [FIRST, 'applied'],
    ['in-order/paid/0/1', 'applied'],
    ['in-order/paid/0/2', 'applied'],
  ])
  expect((await rig.read<object>('totals')).at(-1)).toMatchObject({ key: 'u', count: 3, total: 152 })
})

it('parked discard of all gives up those behind too, though they are more than one invocation takes', async () => {
  const { target, plan, rig } = await held(2_500)
  const all = fates(await redrive(target, plan, {}, true))
  expect(target.sent).toHaveLength(2)
  expect(all).toHaveLength(2_501)
  expect(new Set(all.map(([, fate]) => fate))).toEqual(new Set(['discarded']))
  rig.append('paid', 0, 'u', pay('u', 7))
  await rig.environment('in-order')(await rig.batch('in-order', 0, 2_502))
  expect((await rig.read<object>('totals')).at(-1)).toMatchObject({ key: 'u', count: 1, total: 7 })
})

describe('a window whose result could not be put out', () => {
  const perMinute = processor('per-minute')
    .from(paid)
    .keyBy()
    .window(tumbling(minutes(1)).grace(minutes(0)))
    .aggregate({ count: count() })
    .to(totals, {
      map: ({ key, count }) => {
        if (bug.isThere) throw new TypeError('bug')
        return { key, count, total: 0 }
      },
    })

  it('is listed, put back after a fix, and then done with', async () => {
    bug.isThere = true
    const rig = await Rig.of([perMinute])
    rig.append('paid', 0, 'u', pay('u', 1), { ...pay('u', 1), at: START + 60_000 })
    await rig.environment('per-minute')(await rig.batch('per-minute', 0))
    const target = memoryTarget(rig)
    const states = async () =>
      ((await parkedList(target, rig.plan, {}, { ...LIST, all: true })).json as { records: object[] }).records
    expect(await states()).toMatchObject([{ kind: 'cell', reason: 'CODE_FAILED', state: 'waiting' }])
    expect((await redrive(target, rig.plan, {}, false)).json).toMatchObject([
      { outcome: 'refused', why: 'CODE_FAILED' },
    ])
    bug.isThere = false
    expect((await redrive(target, rig.plan, {}, false)).json).toMatchObject([{ outcome: 'applied' }])
    expect(await rig.read('totals')).toEqual([{ key: 'u', count: 1, total: 0 }])
    expect(await states()).toMatchObject([{ state: 'done' }])
    expect((await redrive(target, rig.plan, {}, true)).json).toMatchObject([{ outcome: 'not parked' }])
  })
})
