import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type CellName,
  collect,
  count,
  type Key,
  type LateRecord,
  minutes,
  ms,
  processor,
  seconds,
  table,
  topic,
  tumbling,
} from '#millrace'
import { testDriver } from '#millrace/testing'

const schema = z.object({ id: z.string(), n: z.number(), at: z.number() })
const numbers = topic('numbers', { schema, key: (value) => value.id, time: (value) => value.at, partitions: 3 })
const out = topic('out', { schema: z.unknown(), partitions: 3 })
const other = topic('other', { schema: z.unknown(), partitions: 3 })
const value = (n: number, at = n, id = 'a') => ({ id, n, at })

describe('the test driver', () => {
  it('takes key, timestamp, headers and partition by hand', async () => {
    const driver = testDriver(processor('p').from(numbers).to(out))
    await driver.pipe(numbers, value(1), { key: 'b', timestamp: 77, headers: { trace: 'x' }, partition: 2 })
    expect(await driver.output(out)).toMatchObject([{ key: 'b', value: value(1), timestamp: 1 }])
  })

  it('takes key and time of what the schema makes of a value', async () => {
    const visits = topic('visits', {
      schema: z.object({ id: z.string().toUpperCase(), at: z.coerce.date() }),
      key: (visit) => visit.id,
      time: (visit) => visit.at.getTime(),
    })
    const p = processor('p').from(visits).keyBy().aggregate({ n: count() }).to(out)
    const driver = testDriver(p)
    await driver.pipe(visits, { id: 'a', at: '1970-01-01T00:00:05Z' })
    expect(await driver.parked()).toEqual([])
    expect(await driver.output(out)).toMatchObject([{ key: 'A', value: { key: 'A', n: 1 }, timestamp: 5_000 }])
  })

  it('takes of each processor that writes a topic the pinned generation, or the only one that it has', async () => {
    const writer = (name: string, generation: number) =>
      processor(name, { generation })
        .from(numbers)
        .map(({ id, n }) => ({ id, by: `${name}.${generation}`, n }))
        .to(out)
    const reader = processor('r').from(out, { generation: 2 }).to(other)
    const driver = testDriver([writer('twice', 1), writer('twice', 2), writer('once', 1), writer('later', 3), reader])
    await driver.pipe(numbers, value(1))
    expect(driver.counts(reader)).toMatchObject({ read: 4, counted: 3, filtered: 1 })
    const taken = (await driver.output(other)).map(({ value }) => (value as { by: string }).by)
    expect(taken.sort()).toEqual(['later.3', 'once.1', 'twice.2'])
  })

  it('shows what is parked, with the reason, and goes on', async () => {
    const p = processor('p').from(numbers).keyBy().aggregate({ n: count() }).to(out)
    const driver = testDriver(p)
    await driver.pipeBytes(numbers, 'a', '{"id":')
    await driver.pipe(numbers, value(1), { key: 'not a' })
    await driver.pipe(numbers, value(2))
    expect((await driver.parked()).map(({ reason, offset, topic }) => ({ reason, offset, topic }))).toEqual([
      { reason: 'NOT_JSON', offset: 0, topic: 'numbers' },
      { reason: 'KEY_MISMATCH', offset: expect.any(Number), topic: 'numbers' },
    ])
    expect(driver.counts(p)).toMatchObject({ read: 3, counted: 1, parked: 2 })
  })

  it('shows late records with by how much they were late', async () => {
    const late = topic('late', { schema: z.custom<LateRecord<{ id: string; n: number; at: number }, string>>() })
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .window(tumbling(ms(10)).grace(ms(5)))
      .aggregate({ n: count() })
      .to(out)
      .late(late)
    const driver = testDriver(p)
    await driver.pipe(numbers, value(1, 18))
    await driver.pipe(numbers, value(2, 9))
    // The window [0, 10) closed at 15; stream time stands at 18.
    expect((await driver.output(late)).map((written) => written.value)).toEqual([
      { key: 'a', value: value(2, 9), timeMs: 9, lateByMs: 3 },
    ])
    expect(driver.counts(p)).toMatchObject({ counted: 1, late: 1 })
  })

  it('keeps the order of several outputs of one processor', async () => {
    const driver = testDriver(
      processor('p')
        .from(numbers)
        .to(out, { where: ({ n }) => n % 2 === 0 })
        .to(other, { map: ({ n }) => n * 10 }),
    )
    for (const n of [1, 2, 3, 4]) await driver.pipe(numbers, value(n))
    expect((await driver.output(out)).map((written) => written.value)).toEqual([value(2), value(4)])
    expect((await driver.output(other)).map((written) => written.value)).toEqual([10, 20, 30, 40])
  })

  it('runs several processors that feed each other, and counts every record once', async () => {
    const first = processor('first')
      .from(numbers)
      .keyBy()
      .window(tumbling(ms(10)).grace(ms(0)))
      .aggregate({ n: count() })
      .to(out)
    const second = processor('second')
      .from(out)
      .map((result) => result as { n: number })
      .to(other, { map: ({ n }) => n })
    const driver = testDriver([first, second])
    for (const at of [1, 2, 11, 21]) await driver.pipe(numbers, value(at))
    await driver.closeWindows()
    expect((await driver.output(other)).map((written) => written.value)).toEqual([2, 1, 1])
    expect(driver.counts(second)).toMatchObject({ read: 3, counted: 3 })
  })

  it('drives a machine of one’s own, with cells in order and timers', async () => {
    const seen: Key[] = []
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .process<string>({
        version: 'v1',
        onRecord(c, { value: { n }, timeMs }) {
          seen.push(c.key)
          c.cells.put(['n', n], { when: timeMs }, timeMs + 10)
        },
        onTimer(c, cell: CellName, timeMs) {
          const all = c.cells.range(['n'], ['o']).map(([name]) => name[1])
          c.emit(`${cell[1]} at ${timeMs} of ${all.join(' ')}`, timeMs)
          c.cells.delete(cell)
        },
      })
      .to(out)
    const driver = testDriver(p)
    for (const n of [10, 9, 2]) await driver.pipe(numbers, value(n, n))
    await driver.pipe(numbers, value(100, 100, 'b'), { partition: 0 })
    await driver.closeWindows()
    expect((await driver.output(out)).map((written) => written.value).slice(0, 3)).toEqual([
      '2 at 12 of 2 9 10',
      '9 at 19 of 9 10',
      '10 at 20 of 10',
    ])
    expect(seen).toEqual(['a', 'a', 'a', 'b'])
  })

  it('shows at once that what is put must be JSON: nothing but JSON comes back', async () => {
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .process<unknown>({
        version: 'v1',
        onRecord(c, { timeMs }) {
          const held = c.cells.get(['since'])
          if (held === undefined) c.cells.put(['since'], new Date(timeMs))
          else c.emit(held, timeMs)
        },
      })
      .to(out)
    const driver = testDriver(p)
    await driver.pipe(numbers, value(1))
    await driver.pipe(numbers, value(2))
    expect((await driver.output(out)).map((written) => written.value)).toEqual(['1970-01-01T00:00:00.001Z'])
  })

  it('deletes a row when a machine emits null for it', async () => {
    const rows = table<number>('rows')
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .process<number>({ version: 'v1', onRecord: (c, { value: { n }, timeMs }) => c.emit(n === 0 ? null : n, timeMs) })
      .to(rows)
    const driver = testDriver(p)
    await driver.pipe(numbers, value(5, 1))
    expect(driver.rows(rows)).toMatchObject([{ key: 'a', value: 5 }])
    await driver.pipe(numbers, value(0, 2))
    expect(driver.rows(rows)).toMatchObject([{ key: 'a', value: null }])
  })

  it('parks the record whose code throws and leaves the key as it was', async () => {
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .aggregate({
        sizes: collect(10, ({ n }) => {
          if (n === 13) throw new Error('unlucky')
          return n
        }),
      })
      .to(out)
    const driver = testDriver(p)
    for (const n of [1, 13, 2]) await driver.pipe(numbers, value(n))
    expect((await driver.output(out)).at(-1)!.value).toEqual({ key: 'a', sizes: { values: [1, 2], more: 0 } })
    expect(await driver.parked()).toMatchObject([
      { reason: 'CODE_FAILED', detail: expect.not.stringContaining('unlucky') },
    ])
  })

  it('reads only the pinned generation of a topic that two write', async () => {
    const of = (generation: number) =>
      processor('w', { generation })
        .from(numbers)
        .to(out, { map: ({ n }) => n * generation })
    const reader = processor('r').from(out, { generation: 2 }).to(other)
    const driver = testDriver([of(1), of(2), reader])
    await driver.pipe(numbers, value(7))
    expect((await driver.output(other)).map((written) => written.value)).toEqual([14])
    expect(driver.counts(reader)).toMatchObject({ read: 2, counted: 1, filtered: 1 })
  })

  it('parks a record from too far in the future, which then moves nothing', async () => {
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .window(tumbling(ms(10)).grace(ms(0)))
      .aggregate({ n: count() })
      .to(out)
    const driver = testDriver(p, { startMs: minutes(1) })
    await driver.pipe(numbers, value(1, 1), { timestamp: 1_000 })
    await driver.pipe(numbers, value(2, 1_000 + seconds(60) + 1), { timestamp: 1_000 })
    await driver.pipe(numbers, value(3, 2), { timestamp: 1_000 })
    expect((await driver.parked()).map(({ reason }) => reason)).toEqual(['TIME_FUTURE'])
    expect(driver.counts(p)).toMatchObject({ counted: 2, late: 0, parked: 1 })
  })

  it.each([1.5, Number.NaN, -1])(
    'parks the record for which a machine puts out the time %d: it could never be published',
    async (timeMs) => {
      const p = processor('p')
        .from(numbers)
        .keyBy()
        .process<number>({ version: 'v1', onRecord: (c) => c.emit(1, timeMs) })
        .to(out)
      const driver = testDriver(p)
      await driver.pipe(numbers, value(1))
      expect((await driver.parked()).map(({ reason }) => reason)).toEqual(['TIME_INVALID'])
      expect(await driver.output(out)).toEqual([])
    },
  )

  it('parks the cell whose timer sets itself for its own time: it would fire for ever', async () => {
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .process<number>({
        version: 'v1',
        onRecord: (c, { timeMs }) => c.cells.put(['again'], 1, timeMs + 1),
        onTimer: (c, cell, timeMs) => c.cells.put(cell, 1, timeMs),
      })
      .to(out)
    const driver = testDriver(p)
    await driver.pipe(numbers, value(1))
    await driver.pipe(numbers, value(5))
    expect((await driver.parked()).map(({ kind, reason }) => ({ kind, reason }))).toEqual([
      { kind: 'cell', reason: 'OPTION_INVALID' },
    ])
    expect(driver.counts(p)).toMatchObject({ read: 2, counted: 2 })
  })

  it('parks an event that changes more cells than one commit can hold, and goes on', async () => {
    const p = processor('p')
      .from(numbers)
      .keyBy()
      .process<number>({
        version: 'v1',
        onRecord(c, { value: { n } }) {
          for (let i = 0; i < n; i++) c.cells.put(['cell', i], 0)
        },
      })
      .to(out)
    const driver = testDriver(p)
    await driver.pipe(numbers, value(100_000, 1))
    await driver.pipe(numbers, value(3, 2))
    expect((await driver.parked()).map(({ reason }) => reason)).toEqual(['OUTPUTS_TOO_MANY'])
    expect(driver.counts(p)).toMatchObject({ read: 2, counted: 1, parked: 1 })
  })
})
