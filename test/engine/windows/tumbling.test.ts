import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, ms, processor, sum, topic, tumbling } from '#millrace'
import { testDriver } from '#millrace/testing'

const events = topic('events', {
  schema: z.object({ key: z.string(), n: z.number(), at: z.number() }),
  key: (event) => event.key,
  time: (event) => event.at,
  partitions: 1,
})
const results = topic('results', {
  schema: z.object({
    key: z.string(),
    window: z.object({ start: z.number(), end: z.number() }),
    count: z.number(),
    sum: z.number(),
  }),
  partitions: 1,
})

const declared = (graceMs: number) =>
  processor('p')
    .from(events)
    .keyBy()
    .window(tumbling(ms(10)).grace(ms(graceMs)))
    .aggregate({ count: count(), sum: sum((event) => event.n) })

const updates = (options = {}) => declared(0).emit('updates', options)

async function run(made: ReturnType<typeof updates>, times: readonly number[]) {
  const listed = made.to(results)
  const driver = testDriver(listed)
  for (const [n, at] of times.entries()) await driver.pipe(events, { key: 'k', n, at })
  const before = await driver.output(results)
  await driver.closeWindows()
  return { before, after: await driver.output(results), counts: driver.counts(listed) }
}

describe('tumbling windows of 10 ms', () => {
  it.each([
    { at: 0, start: 0, end: 10 },
    { at: 9, start: 0, end: 10 },
    { at: 10, start: 10, end: 20 }, // a boundary opens the later window
    { at: 25, start: 20, end: 30 },
  ])('take a record at $at into [$start, $end)', async ({ at, start, end }) => {
    expect((await run(declared(0), [at])).after).toMatchObject([{ value: { window: { start, end } }, timestamp: at }])
  })

  // Dropped when end + grace <= stream time, the record's own time included (Kafka Streams' TimeWindows).
  it.each([
    { title: 'one before end plus grace: the window is open', stream: 14, late: 0 },
    { title: 'at end plus grace: closed', stream: 15, late: 1 },
  ])('with grace 5, stream time $stream, $title', async ({ stream, late }) => {
    expect((await run(declared(5), [0, stream, 3])).counts).toMatchObject({ late })
  })

  it('close in the order of time, also when one record jumps far ahead: none is lost', async () => {
    const { before } = await run(declared(0), [5, 15, 25, 1_000_000])
    expect(before.map(({ value }) => value!.window.start)).toEqual([0, 10, 20])
  })

  it('put the highest event time inside on the result', async () => {
    expect((await run(declared(5), [7, 9, 8])).after).toMatchObject([{ timestamp: 9 }])
  })

  it("emit('updates') puts out each change, and nothing more when the window closes", async () => {
    const { after } = await run(updates(), [1, 2, 3])
    expect(after.map(({ value }) => value!.count)).toEqual([1, 2, 3])
  })

  it("emit('updates', { every: 4 }) puts out the newest at most every 4 ms, and what is left when the window closes", async () => {
    const { after } = await run(updates({ every: ms(4) }), [0, 1, 4, 5, 9])
    // The first change arms a timer for 4, which fires before the record at 4: two so far. That record arms one for 8, which fires before the record at 9.
    expect(after.map(({ value }) => value!.count)).toEqual([2, 4, 5])
  })
})

describe('whatever the order of arrival', () => {
  const records = fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b'),
      at: fc.integer({ min: 0, max: 60 }),
      n: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 25 },
  )

  it('each record is in the window that its time falls in, unless that was closed: then it is late', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 0, max: 20 }), async (list, graceMs) => {
        const p = declared(graceMs).to(results)
        const driver = testDriver(p)
        for (const record of list) await driver.pipe(events, record)
        await driver.closeWindows()
        const got = (await driver.output(results))
          .map(({ value }) => [value!.key, value!.window.start, value!.count, value!.sum])
          .sort()
        const { windows, late } = naive(list, graceMs)
        expect(got).toEqual(windows)
        expect(driver.counts(p)).toMatchObject({ read: list.length, counted: list.length - late, late })
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

/** From the definition: assign each record, leave out what came after its window had closed. */
function naive(
  list: readonly { key: string; at: number; n: number }[],
  graceMs: number,
): { windows: unknown[][]; late: number } {
  const windows = new Map<string, [string, number, number, number]>()
  let streamTime = -1
  let late = 0
  for (const { key, at, n } of list) {
    streamTime = Math.max(streamTime, at)
    const start = Math.floor(at / 10) * 10
    if (start + 10 + graceMs <= streamTime) late++
    else {
      const [, , c, s] = windows.get(`${key}${start}`) ?? [key, start, 0, 0]
      windows.set(`${key}${start}`, [key, start, c + 1, s + n])
    }
  }
  return { windows: [...windows.values()].sort(), late }
}
