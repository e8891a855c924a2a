import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  calendar,
  count,
  everyRecords,
  global,
  hopping,
  lastRecords,
  minutes,
  ms,
  processor,
  seconds,
  session,
  sliding,
  table,
  topic,
  unlimited,
} from '#millrace'
import { testDriver } from '#millrace/testing'

const events = topic('events', {
  schema: z.object({ id: z.string(), at: z.number() }),
  key: (event) => event.id,
  time: (event) => event.at,
  partitions: 1,
})
const rows = table<{ key: string; window: { start: number; end: number }; count: number }>('counts')
const keyed = processor('p').from(events).keyBy()
const each = { count: count() }
const at = (time: string) => Date.parse(`2026-03-29T${time}Z`)

/** What the table holds once the records (minutes of the day in UTC) are in and everything is closed: minutes, count. */
async function rowsOf(declared: ReturnType<typeof keyed.aggregate>, times: readonly string[]) {
  const driver = testDriver(declared.to(rows as never))
  for (const time of times) await driver.pipe(events, { id: 'k', at: at(time) })
  await driver.closeWindows()
  return driver.rows(rows).map(({ sort, value }) => {
    const [start, end] = sort.split('/').map(Number)
    const hour = (time: number) => new Date(time).toISOString().slice(5, 16)
    return [hour(start!), hour(end!), value?.count ?? null]
  })
}

describe('windows as they are declared, through handler, journal and table', () => {
  const declared = (made: { emit(mode: 'final'): unknown }) => made.emit('final') as ReturnType<typeof keyed.aggregate>

  it('hopping', async () => {
    const made = keyed.window(hopping(minutes(10), { advance: minutes(5) }).grace(seconds(30))).aggregate(each)
    expect(await rowsOf(declared(made), ['12:02', '12:07'])).toEqual([
      ['03-29T11:55', '03-29T12:05', 1],
      ['03-29T12:00', '03-29T12:10', 2],
      ['03-29T12:05', '03-29T12:15', 1],
    ])
  })

  it('sliding', async () => {
    const made = keyed.window(sliding(minutes(5)).grace(seconds(30))).aggregate(each)
    expect(await rowsOf(declared(made), ['12:02', '12:07'])).toEqual([
      ['03-29T11:57', '03-29T12:02', 1],
      ['03-29T12:02', '03-29T12:07', 2],
      ['03-29T12:02', '03-29T12:07', 1], // from 1 ms later on
    ])
  })

  it('session: rows of sessions that were joined are deleted', async () => {
    const made = keyed
      .window(session({ gap: minutes(5) }).grace(minutes(30)))
      .aggregate(each)
      .emit('updates', { every: ms(1) })
    expect(await rowsOf(made as never, ['12:00', '12:10', '12:11', '12:05', '13:00'])).toEqual([
      ['03-29T12:00', '03-29T12:00', null],
      ['03-29T12:00', '03-29T12:11', 4],
      ['03-29T12:10', '03-29T12:10', null],
      ['03-29T13:00', '03-29T13:00', 1],
    ])
  })

  it('calendar: the day on which the clocks go forward has 23 hours', async () => {
    const made = keyed.window(calendar('day', { timeZone: 'Europe/Berlin' }).grace(minutes(5))).aggregate(each)
    expect(await rowsOf(declared(made), ['00:00', '21:59', '22:00'])).toEqual([
      ['03-28T23:00', '03-29T22:00', 2],
      ['03-29T22:00', '03-30T22:00', 1],
    ])
  })

  it('unlimited', async () => {
    const made = keyed
      .window(unlimited({ from: at('12:00') }))
      .aggregate(each)
      .emit('updates', { every: minutes(1) })
    expect(await rowsOf(made as never, ['11:59', '12:00', '13:00'])).toMatchObject([
      ['03-29T12:00', expect.anything(), 2],
    ])
  })

  it('every 2 records, and the last 2 after each: by offsets', async () => {
    const out = topic('out', { schema: z.unknown(), partitions: 1 })
    const spans = async (made: { to(target: typeof out): Parameters<typeof testDriver>[0] }) => {
      const driver = testDriver(made.to(out))
      for (const time of ['12:02', '12:01', '12:00']) await driver.pipe(events, { id: 'k', at: at(time) })
      return (await driver.output(out)).map(({ value }) => value)
    }
    const result = (start: number, end: number) => ({ key: 'k', window: { start, end }, count: end - start + 1 })
    expect(await spans(keyed.window(everyRecords(2)).aggregate(each))).toEqual([result(0, 1)])
    expect(await spans(keyed.window(lastRecords(2, { every: 1 })).aggregate(each))).toEqual([
      result(0, 0),
      result(0, 1),
      result(1, 2),
    ])
    expect(await spans(keyed.window(global({ afterRecords: 2 })).aggregate(each))).toMatchObject([{ count: 2 }])
  })

  it('early results come before the final one, on a silent partition too', async () => {
    const result = z.object({
      key: z.string(),
      window: z.object({ start: z.number(), end: z.number() }),
      final: z.boolean(),
      count: z.number(),
    })
    const out = topic('out', {
      schema: result,
      key: ({ key, window }) => [key, window.start, window.end],
      keyFormat: 'json',
      partitions: 1,
    })
    const p = keyed
      .window(session({ gap: minutes(5) }).grace(ms(0)))
      .aggregate(each)
      .emit('final', { early: minutes(1) })
      .to(out)
    const driver = testDriver(p, { startMs: at('12:00') })
    await driver.pipe(events, { id: 'k', at: at('12:00') })
    await driver.pipe(events, { id: 'k', at: at('12:02') })
    await driver.advanceClock(minutes(10))
    const window = (end: string) => ({ start: at('12:00'), end: at(end) })
    expect((await driver.output(out)).map(({ value }) => value)).toEqual([
      { key: 'k', window: window('12:00'), final: false, count: 1 },
      null,
      { key: 'k', window: window('12:02'), final: false, count: 2 },
      { key: 'k', window: window('12:02'), final: true, count: 2 },
    ])
  })
})
