import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { processor, topic } from '#millrace'
import { countsBalance } from '../../shared/engine/counts.ts'
import { MillraceError } from '../../shared/errors.ts'
import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import { type ParkedRecord, recordOf } from '../../shared/runtime/parking.ts'
import { beforePuts, Rig } from './rig.ts'

const START = 1_800_000_000_000
const moves = topic('moves', {
  schema: z.object({ user: z.string(), to: z.string(), at: z.number() }),
  key: (move) => move.user,
  time: (move) => move.at,
  partitions: 1,
})
const paths = topic('paths', {
  schema: z.object({ key: z.string(), path: z.array(z.string()) }),
  key: (path) => path.key,
  partitions: 1,
})

/** Code with a bug that is mended while it runs: moves to a forbidden place fail. */
const bug = { isThere: true }
const perUser = processor('per-user', { park: 'key' })
  .from(moves)
  .keyBy()
  .process<{ key: string; path: string[] }>({
    version: 'v1',
    onRecord(c, { value, timeMs }) {
      if (bug.isThere && value.to.startsWith('!')) throw new TypeError('bug')
      const path = [...((c.cells.get(['path']) as string[] | undefined) ?? []), value.to]
      c.cells.put(['path'], path)
      c.emit({ key: c.key, path }, timeMs)
    },
  })
  .to(paths)

const move = (user: string, to: string) => ({ user, to, at: START })

/** Moves of users, as `user:place`, read in one batch while the bug was there. */
async function moved(...given: readonly string[]) {
  bug.isThere = true
  const rig = await Rig.of([perUser], { nowMs: START })
  const append = (...more: readonly string[]) => {
    for (const [user, to] of more.map((each) => each.split(':') as [string, string]))
      rig.append('moves', 0, user, move(user, to))
  }
  append(...given)
  const invoke = rig.environment('per-user')
  const first = await invoke(await rig.batch('per-user', 0))
  const parked = async () => [
    ...new Map((await rig.read<ParkedRecord>(PARKED_TOPIC)).map((each) => [each.offset, each])).values(),
  ]
  const redrive = async (...offsets: readonly number[]) => {
    const records = (await parked()).filter(({ offset }) => offsets.includes(offset)).map((each) => recordOf(each)!)
    return { millrace: 'redrive', records } as const
  }
  const pathOf = async (user: string) =>
    (await rig.read<{ key: string; path: string[] }>('paths')).findLast(({ key }) => key === user)?.path.join(' ')
  const totals = async () => (await rig.environment('per-user')({ millrace: 'settle' })).partitions[0]!
  return { rig, invoke, append, first, parked, redrive, pathOf, totals }
}

describe('a redrive of the first parked record of a key', () => {
  it('applies it, then what waited behind it, in order', async () => {
    const { invoke, first, parked, redrive, pathOf } = await moved('u:a', 'u:!b', 'v:x', 'u:c', 'u:d', 'v:y')
    expect(first.partitions[0]).toMatchObject({ held: 3, totals: { read: 6, counted: 3, parked: 3 } })
    expect((await parked()).map(({ offset, reason }) => [offset, reason])).toEqual([
      [1, 'CODE_FAILED'],
      [3, 'KEY_HELD'],
      [4, 'KEY_HELD'],
    ])
    expect([await pathOf('u'), await pathOf('v')]).toEqual(['a', 'x y'])
    bug.isThere = false
    const { redriven, partitions } = await invoke(await redrive(1))
    expect(redriven!.map(({ offset, outcome }) => [offset, outcome])).toEqual([
      [1, 'applied'],
      [3, 'applied'],
      [4, 'applied'],
    ])
    expect(await pathOf('u')).toBe('a !b c d')
    expect(partitions[0]).toMatchObject({ held: 0, totals: { read: 6, counted: 6, parked: 0 } })
  })

  it('applies what came meanwhile too, and then the key is free', async () => {
    const { rig, append, redrive, pathOf, totals } = await moved('u:!a', 'u:b')
    bug.isThere = false
    const event = await redrive(0)
    let batches = 0
    const slow = rig.environment('per-user', ({ journal }) => ({
      journal: beforePuts(journal, '.c.', async () => {
        if (batches++ >= 3) return
        append(`u:${batches}`)
        await rig.environment('per-user')(await rig.batch('per-user', 0, 1 + batches))
      }),
    }))
    const { redriven } = await slow(event)
    expect(redriven!.map(({ outcome }) => outcome)).toEqual(Array(5).fill('applied'))
    append('u:z')
    await rig.environment('per-user')(await rig.batch('per-user', 0, 5))
    expect(await pathOf('u')).toBe('!a b 1 2 3 z')
    expect(await totals()).toMatchObject({ held: 0, totals: { read: 6, counted: 6, parked: 0 } })
  })

  it('leaves the rest held where a later one would be parked again', async () => {
    const { invoke, parked, redrive, pathOf, totals } = await moved('u:!a', 'u:b', 'u:!c', 'u:d', 'u:e')
    const records = (await parked()).map((each) => recordOf(each)!)
    const event = { millrace: 'redrive', records } as const
    expect((await invoke(event)).redriven!.map(({ outcome, code }) => code ?? outcome)).toEqual([
      'CODE_FAILED',
      ...Array(4).fill('KEY_HELD'),
    ])
    const mended = records.map((record) =>
      record.offset === 0
        ? { ...record, value: Buffer.from(JSON.stringify(move('u', 'A'))).toString('base64') }
        : record,
    )
    const { redriven } = await invoke({ ...event, records: mended.slice(0, 1) })
    expect(redriven!.map(({ offset, outcome, code }) => [offset, code ?? outcome])).toEqual([
      [0, 'applied'],
      [1, 'applied'],
      [2, 'CODE_FAILED'],
    ])
    expect(await totals()).toMatchObject({ held: 3, totals: { counted: 2, parked: 3 } })
    bug.isThere = false
    await invoke(await redrive(2))
    expect(await pathOf('u')).toBe('A b !c d e')
  })
})

describe('once and only once', () => {
  it('though the invocation dies at any commit: the same event again goes on where that one ended', async () => {
    for (let deaths = 1; deaths <= 4; deaths++) {
      const { rig, redrive, pathOf, totals } = await moved('u:!a', 'u:b', 'u:c')
      bug.isThere = false
      const event = await redrive(0)
      let puts = 0
      const mortal = rig.environment('per-user', ({ journal }) => ({
        journal: {
          ...journal,
          put: async (item, condition) => {
            const outcome = await journal.put(item, condition)
            if (item.key.includes('.c.') && ++puts === deaths) throw new MillraceError('JOURNAL_UNREACHABLE', {})
            return outcome
          },
        },
      }))
      await mortal(event).catch(() => {})
      await rig.environment('per-user')(event)
      expect(await pathOf('u')).toBe('!a b c')
      const { totals: counts, held } = await totals()
      expect(counts).toMatchObject({ read: 3, counted: 3, parked: 0 })
      expect([held, countsBalance(counts)]).toEqual([0, true])
    }
  })

  it('though two are at it', async () => {
    const { rig, redrive, pathOf, totals } = await moved('u:!a', 'u:b', 'u:c')
    bug.isThere = false
    const event = await redrive(0)
    await Promise.all([rig.environment('per-user')(event), rig.environment('per-user')(event)])
    expect(await pathOf('u')).toBe('!a b c')
    expect(await totals()).toMatchObject({ held: 0, totals: { counted: 3, parked: 0 } })
  })
})

describe('a discard of the first', () => {
  it('lets what waited behind it follow', async () => {
    const { invoke, redrive, pathOf } = await moved('u:a', 'u:!b', 'u:c')
    const { redriven, partitions } = await invoke({ ...(await redrive(1)), discard: true })
    expect(redriven!.map(({ offset, outcome }) => [offset, outcome])).toEqual([
      [1, 'discarded'],
      [2, 'applied'],
    ])
    expect(await pathOf('u')).toBe('a c')
    expect(partitions[0]).toMatchObject({ held: 0, totals: { read: 3, counted: 2, parked: 1 } })
  })

  it('leaves it alone while more are to come', async () => {
    const { invoke, redrive, pathOf } = await moved('u:a', 'u:!b', 'u:c', 'u:d')
    await invoke({ ...(await redrive(1)), discard: true, more: true })
    const { redriven } = await invoke({ ...(await redrive(2)), discard: true })
    expect(redriven!.map(({ offset, outcome }) => [offset, outcome])).toEqual([
      [2, 'discarded'],
      [3, 'applied'],
    ])
    expect(await pathOf('u')).toBe('a d')
  })
})

describe('what is no more in the source', () => {
  it('waits for a redrive that brings it, from where it is parked', async () => {
    const { rig, invoke, redrive, pathOf, totals } = await moved('u:!a', 'u:b', 'u:c')
    bug.isThere = false
    rig.broker.deleteRecordsBefore('moves', 0, 2)
    expect((await invoke(await redrive(0))).redriven).toHaveLength(1)
    expect(await totals()).toMatchObject({ held: 2 })
    const { redriven } = await invoke(await redrive(1))
    expect(redriven!.map(({ offset, outcome }) => [offset, outcome])).toEqual([
      [1, 'applied'],
      [2, 'applied'],
    ])
    expect(await pathOf('u')).toBe('!a b c')
  })
})

describe('a record that cannot be read', () => {
  const raw = (key: readonly number[] | null, value: string) => ({
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(value),
    headers: [],
    timestampMs: START,
    timestampType: 'CREATE_TIME' as const,
  })

  it.each([
    { title: 'holds the key that it came under', key: [117], reasons: ['NOT_JSON', 'KEY_HELD'], path: undefined },
    { title: 'holds nothing without a key', key: null, reasons: ['NOT_JSON'], path: 'b' },
    { title: 'holds nothing under a key that is no text', key: [0xff], reasons: ['NOT_JSON'], path: 'b' },
  ])('$title', async ({ key, reasons, path }) => {
    const { rig, invoke, append, parked, pathOf } = await moved()
    rig.broker.append('moves', 0, [raw(key, '{')])
    append('u:b')
    await invoke(await rig.batch('per-user', 0))
    expect((await parked()).map(({ reason }) => reason)).toEqual(reasons)
    expect(await pathOf('u')).toBe(path)
  })

  it('that is skipped unread does the same', async () => {
    const { rig, invoke, append, pathOf, redrive } = await moved()
    append('u:a', 'v:x', 'u:b')
    await invoke({ millrace: 'skip', partition: 0, to: 1 })
    await invoke(await rig.batch('per-user', 0, 1))
    expect([await pathOf('u'), await pathOf('v')]).toEqual([undefined, 'x'])
    await invoke(await redrive(0))
    expect(await pathOf('u')).toBe('a b')
  })
})

describe('the declaration', () => {
  it('is refused for what is neither, and without a state', () => {
    expect(() => processor('p', { park: 'all' as 'key' })).toThrow("park is \"all\", but it must be 'record' or 'key'")
    expect(() =>
      processor('p', { park: 'key' })
        .from(moves)
        .to(topic('copies', { schema: moves.schema })),
    ).toThrow('park is "key", but it must be \'record\'')
  })
})
