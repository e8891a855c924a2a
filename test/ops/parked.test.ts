import { describe, expect, it } from 'vitest'
import { parkedList, parkedShow } from '../../ops/commands/parked.ts'
import { type Fate, redrive } from '../../ops/commands/redrive.ts'
import { skip } from '../../ops/commands/skip.ts'
import type { Outcome } from '../../ops/target.ts'
import { PARKED_TOPIC, plan as planOf } from '../../shared/processor/plan.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { bug, largeOnes, newest, perUser, shop } from './shop.ts'

const BROAD = { limit: 50, all: false }
const ID = 'per-user/paid/0/1'

const listed = (outcome: Outcome) =>
  (outcome.json as { records: (ParkedRecord & { state: string })[] }).records.map(({ id, reason, state }) => [
    id,
    reason,
    state,
  ])
const fates = (outcome: Outcome) => (outcome.json as Fate[]).map(({ id, outcome, why }) => [id, outcome, why])

const put = (value: unknown) => ({
  key: null,
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: [],
  timestampMs: 0,
  timestampType: 'CREATE_TIME' as const,
})

describe('parked list', () => {
  it('has each parked record once, with its reason, though it was published twice', async () => {
    const { rig, target, plan } = await shop([50, 150, 60])
    const [again] = await rig.read<ParkedRecord>(PARKED_TOPIC)
    rig.broker.append(PARKED_TOPIC, 3, [put(again)])
    expect(listed(await parkedList(target, plan, {}, BROAD))).toEqual([[ID, 'CODE_FAILED', 'waiting']])
  })

  it('can be narrowed to a reason and a processor', async () => {
    const { target, plan } = await shop([150])
    const count = async (selection: object) => listed(await parkedList(target, plan, selection, BROAD)).length
    expect(await count({ reason: 'CODE_FAILED', processor: 'per-user' })).toBe(1)
    expect(await count({ reason: 'SCHEMA' })).toBe(0)
    expect(await count({ processor: 'large-ones' })).toBe(0)
  })

  it('leaves out what is done with, unless all is asked for', async () => {
    const { target, plan } = await shop([50, 150])
    bug.isThere = false
    await redrive(target, plan, {}, false)
    expect(listed(await parkedList(target, plan, {}, BROAD))).toEqual([])
    expect(listed(await parkedList(target, plan, {}, { ...BROAD, all: true }))).toEqual([[ID, 'CODE_FAILED', 'done']])
  })

  it('leaves alone what others have put into the topic', async () => {
    const { rig, target, plan } = await shop([150])
    rig.broker.append(PARKED_TOPIC, 0, [
      put('not JSON'),
      put('null'),
      put('{"id":7}'),
      put({ id: 'x', kind: 'record' }),
    ])
    const outcome = await parkedList(target, plan, {}, BROAD)
    expect(outcome.json).toMatchObject({ foreign: 4 })
    expect(listed(outcome)).toHaveLength(1)
  })

  it('says so of records of a stage that keeps no state, and of one that is declared no more', async () => {
    const { rig, target } = await shop([150])
    await rig.environment('large-ones')(await rig.batch('large-ones', 0))
    const states = async (processors: Parameters<typeof planOf>[0]) =>
      listed(await parkedList(target, planOf(processors), {}, BROAD)).map(([, , state]) => state)
    expect(await states([perUser, largeOnes])).toEqual(['unknown', 'waiting'])
    expect(await states([perUser])).toEqual(['no stage', 'waiting'])
  })

  it('is empty before anything was parked, and before there is a topic', async () => {
    const { rig, target, plan } = await shop([])
    expect(listed(await parkedList(target, plan, {}, BROAD))).toEqual([])
    rig.broker.deleteTopic(PARKED_TOPIC)
    expect(listed(await parkedList(target, plan, {}, BROAD))).toEqual([])
  })
})

describe('parked show', () => {
  it('says where it came from, why it is here, and its bytes', async () => {
    const { target, plan } = await shop([50, 150])
    const { text } = await parkedShow(target, plan, ID)
    expect(text).toContain("CODE_FAILED: The processor's own code threw TypeError")
    expect(text).toContain('from       paid, partition 0, offset 1')
    expect(text).toContain('state      waiting')
    expect(text).toContain('key        "u"')
    expect(text).toContain('{"user":"u","amount":150,')
    expect(text).toContain('00000000  7b 22 75 73 65 72 22 3a')
  })

  it('shows nothing that a terminal would obey', async () => {
    const { rig, target, plan } = await shop([])
    rig.broker.append('paid', 0, [{ ...put('\u001b[2J\u202e'), key: Buffer.from('\u001b]0;x\u0007') }])
    await rig.environment('per-user')(await rig.batch('per-user', 0))
    const { text } = await parkedShow(target, plan, 'per-user/paid/0/0')
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(text).toContain('\\u{1b}[2J')
  })

  it('fetches what was too large to be parked from where it stands', async () => {
    const { rig, target, plan } = await shop([])
    const large = `[${'7,'.repeat(20_000)}7]`
    rig.broker.append('paid', 0, [{ ...put(large), key: Buffer.from('u') }])
    await rig.environment('per-user')(await rig.batch('per-user', 0))
    const { json } = await parkedShow(target, plan, 'per-user/paid/0/0')
    expect(Buffer.from((json as ParkedRecord).value!, 'base64').toString()).toBe(large)
  })

  it('knows no other id', async () => {
    const { target, plan } = await shop([150])
    await expect(parkedShow(target, plan, 'per-user/paid/0/9')).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('parked redrive', () => {
  it('applies after a fix what was parked, once and only once', async () => {
    const { rig, target, plan } = await shop([50, 150, 60])
    bug.isThere = false
    const first = await redrive(target, plan, { reason: 'CODE_FAILED' }, false)
    expect(fates(first)).toEqual([[ID, 'applied', undefined]])
    expect(first.ok).toBe(true)
    expect(await newest(rig)).toMatchObject({ count: 3, total: 260 })
    const second = await redrive(target, plan, {}, false)
    expect(fates(second)).toEqual([[ID, 'not parked', undefined]])
    expect(second.ok).toBe(true)
    expect(await newest(rig)).toMatchObject({ count: 3, total: 260 })
  })

  it('says what would be parked again, and that not all was done', async () => {
    const { target, plan } = await shop([150])
    const outcome = await redrive(target, plan, {}, false)
    expect(fates(outcome)).toEqual([['per-user/paid/0/0', 'refused', 'CODE_FAILED']])
    expect(outcome.ok).toBe(false)
  })

  it('sends one alone by its id', async () => {
    const { rig, target, plan } = await shop([150, 160])
    bug.isThere = false
    expect(fates(await redrive(target, plan, { id: ID }, false))).toEqual([[ID, 'applied', undefined]])
    expect(await newest(rig)).toMatchObject({ count: 1, total: 160 })
  })

  it('sends records that were skipped unread, several invocations if need be, each of them once', async () => {
    const { rig, target, plan, stage } = await shop([1])
    for (let n = 0; n < 2_500; n++) rig.append('paid', 0, 'u', { user: 'u', amount: 1, at: 1_800_000_000_000 })
    const skipped = await skip(target, stage, 0, 2_400)
    expect(skipped.json).toMatchObject({ skipped: 2_399, offset: 2_399 })
    expect((await skip(target, stage, 0, 2_400)).json).toMatchObject({ skipped: 0 })
    target.sent.length = 0
    const outcome = await redrive(target, plan, { reason: 'SKIPPED' }, false)
    expect(target.sent).toHaveLength(2)
    expect(new Set(fates(outcome).map(([, fate]) => fate))).toEqual(new Set(['applied']))
    expect(await newest(rig)).toMatchObject({ count: 2_400, total: 2_400 })
  })

  it('does not send what is gone from its topic, or is another record now', async () => {
    const large = `[${'7,'.repeat(20_000)}7]`
    const { rig, target, plan } = await shop([])
    rig.broker.append(
      'paid',
      0,
      [put(large), put(large)].map((each) => ({ ...each, key: Buffer.from('u') })),
    )
    await rig.environment('per-user')(await rig.batch('per-user', 0))
    rig.broker.deleteRecordsBefore('paid', 0, 1)
    const gone = fates(await redrive(target, plan, { id: 'per-user/paid/0/0' }, false))
    expect(gone).toEqual([['per-user/paid/0/0', 'not sent', 'paid does not hold offset 0 any more']])
    rig.broker.deleteTopic('paid')
    await rig.broker.ensureTopic({ name: 'paid', partitions: 2 })
    rig.broker.append('paid', 0, [put('1'), put('2')])
    const other = fates(await redrive(target, plan, { id: ID }, false))
    expect(other).toEqual([[ID, 'not sent', 'another record stands at offset 1 of paid now']])
  })

  it('does not send what belongs to a processor that is declared no more', async () => {
    const { target } = await shop([150])
    const [fate] = fates(await redrive(target, planOf([largeOnes]), {}, false))
    expect(fate).toEqual(['per-user/paid/0/0', 'not sent', 'its processor is declared no more'])
  })
})

describe('parked discard', () => {
  it('gives up what is meant, for good', async () => {
    const { rig, target, plan } = await shop([50, 150])
    expect(fates(await redrive(target, plan, { id: ID }, true))).toEqual([[ID, 'discarded', undefined]])
    bug.isThere = false
    expect(fates(await redrive(target, plan, {}, false))).toEqual([[ID, 'not parked', undefined]])
    expect(await newest(rig)).toMatchObject({ count: 1, total: 50 })
  })
})
