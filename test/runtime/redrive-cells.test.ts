import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, hopping, ms, processor, topic, tumbling } from '#millrace'
import { MillraceError } from '../../shared/errors.ts'
import { decodeCells, zstd } from '../../shared/journal/codec.ts'
import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import { cellOf, type ParkedRecord } from '../../shared/runtime/parking.ts'
import { Rig } from './rig.ts'

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 1,
})
const counts = topic('counts', {
  schema: z.object({ key: z.string(), start: z.number(), count: z.number() }),
  key: ({ key }) => key,
  partitions: 1,
})

/** Code with a bug that is mended while it runs: results of windows of two clicks fail. */
const bug = { isThere: true }
const result = (key: string, start: number, n: number) => {
  if (bug.isThere && n === 2) throw new TypeError('bug')
  return { key, start, count: n }
}
const perTen = processor('per-ten')
  .from(clicks)
  .keyBy()
  .window(tumbling(ms(10)).grace(ms(0)))
  .aggregate({ count: count() })
  .to(counts, { map: ({ key, window, count }) => result(key, window.start, count) })
const perFive = processor('per-five')
  .from(clicks)
  .keyBy()
  .window(hopping(ms(10), { advance: ms(5) }).grace(ms(0)))
  .aggregate({ count: count() })
  .to(counts, { map: ({ key, window, count }) => result(key, window.start, count) })

/** Clicks of u at 1, 2 and 12: the window [0, 10) has two, and could not be put out. */
async function failed(id: 'per-ten' | 'per-five') {
  bug.isThere = true
  const rig = await Rig.of([perTen, perFive])
  rig.append('clicks', 0, 'u', { user: 'u', at: 1 }, { user: 'u', at: 2 }, { user: 'u', at: 12 })
  await rig.environment(id)(await rig.batch(id, 0))
  bug.isThere = false
  const parked = await rig.read<ParkedRecord>(PARKED_TOPIC)
  const cells = parked.flatMap((each) => cellOf(each) ?? [])
  const redrive = { millrace: 'redrive', records: [], cells } as const
  const results = async () =>
    (await rig.read<{ start: number; count: number }>('counts')).map((r) => [r.start, r.count])
  return { rig, parked, redrive, results, invoke: rig.environment(id) }
}

describe('a redrive of a window whose result could not be put out', () => {
  it('puts the result out, once, whoever sends it how often', async () => {
    const { rig, invoke, redrive, results } = await failed('per-ten')
    expect(await results()).toEqual([])
    const first = await invoke(redrive)
    expect(first).toMatchObject({ redriven: [], redrivenCells: [{ ...redrive.cells[0], outcome: 'applied' }] })
    const again = await rig.environment('per-ten')({ ...redrive, cells: [...redrive.cells, ...redrive.cells] })
    expect(again.redrivenCells!.map(({ outcome }) => outcome)).toEqual(['not parked', 'not parked'])
    expect(new Set((await results()).map(String))).toEqual(new Set(['0,2']))
    await invoke({ millrace: 'close-windows' })
    expect((await results()).at(-1)).toEqual([10, 1])
  })

  it('puts it out once though the database has written, and answered that it failed', async () => {
    const { rig, redrive, results } = await failed('per-ten')
    let failures = 1
    const unlucky = rig.environment('per-ten', ({ journal }) => ({
      journal: {
        ...journal,
        put: async (item, condition) => {
          const outcome = await journal.put(item, condition)
          if (item.key.includes('.c.') && failures-- > 0) throw new MillraceError('JOURNAL_UNREACHABLE', {})
          return outcome
        },
      },
    }))
    await expect(unlucky(redrive)).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' })
    expect((await unlucky(redrive)).redrivenCells!.map(({ outcome }) => outcome)).toEqual(['not parked'])
    expect(await results()).toEqual([[0, 2]])
  })

  it('leaves it parked where it would fail again, and gives it up when told to', async () => {
    const { invoke, redrive, results } = await failed('per-ten')
    bug.isThere = true
    expect((await invoke(redrive)).redrivenCells).toMatchObject([{ outcome: 'refused', code: 'CODE_FAILED' }])
    expect((await invoke({ ...redrive, discard: true })).redrivenCells).toMatchObject([{ outcome: 'discarded' }])
    bug.isThere = false
    expect((await invoke(redrive)).redrivenCells).toMatchObject([{ outcome: 'not parked' }])
    expect(await results()).toEqual([])
  })

  it('is not to be had of windows that overlap: the next has taken its place', async () => {
    const { parked, redrive, results, invoke } = await failed('per-five')
    expect(parked.map(({ kind, cell }) => [kind, cell])).toEqual([['cell', undefined]])
    await invoke(redrive)
    await invoke({ millrace: 'close-windows' })
    expect(await results()).toEqual([
      [5, 1],
      [10, 1],
    ])
  })

  it('refuses what is no cell of a user', async () => {
    const { invoke, redrive } = await failed('per-ten')
    for (const key of ['\u0000holes', 7])
      await expect(invoke({ ...redrive, cells: [{ ...redrive.cells[0]!, key: key as string }] })).rejects.toMatchObject(
        { code: 'EVENT_UNKNOWN' },
      )
  })
})

it('a forget erases what was put aside of the key, out of what the journal keeps of before too', async () => {
  const { rig, invoke, redrive } = await failed('per-ten')
  const holding = () =>
    [...rig.store.items.values()].flatMap(({ body }) => {
      const cells = body.length === 0 ? [] : decodeCells(zstd.decompress(body))
      return cells.filter(({ key, text }) => key.endsWith('/u') && text !== undefined)
    })
  expect(holding()).toHaveLength(1)
  await invoke({ millrace: 'forget', keys: ['u'] })
  expect(holding()).toEqual([])
  expect((await invoke(redrive)).redrivenCells).toMatchObject([{ outcome: 'not parked' }])
})
