import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, hours, minutes, ms, processor, seconds, table, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const readings = topic('readings', {
  schema: z.object({ sensor: z.string(), at: z.number() }),
  key: (reading) => reading.sensor,
  time: (reading) => reading.at,
  partitions: 1,
})
const newest = topic('newest', {
  schema: z.object({ key: z.string(), count: z.number() }),
  key: (result) => result.key,
  compacted: true,
  partitions: 1,
})
const rows = table<{ key: string; count: number }>('rows')
const any = (value: unknown): never => value as never

const counted = () => processor('sensors').from(readings).keyBy().aggregate({ count: count() })

describe('an aggregate over all time', () => {
  it('is a changelog: of each key the newest record of the topic is its result', async () => {
    const driver = testDriver(counted().to(newest))
    for (const [i, sensor] of ['a', 'b', 'a', 'c', 'a'].entries()) await driver.pipe(readings, { sensor, at: i })
    const written = await driver.output(newest)
    expect(Object.fromEntries(written.map(({ key, value }) => [key, value!.count]))).toEqual({ a: 3, b: 1, c: 1 })
    expect(written).toHaveLength(5)
  })
})

describe('expireAfter', () => {
  it('deletes the row of a sensor that is gone, also when the whole stream is silent', async () => {
    const driver = testDriver(
      counted()
        .expireAfter(hours(1))
        .emit('updates', { every: seconds(10) })
        .to(rows),
    )
    await driver.pipe(readings, { sensor: 'a', at: 0 })
    await driver.advanceClock(minutes(30))
    expect(driver.rows(rows)).toMatchObject([{ key: 'a', value: { count: 1 } }])
    await driver.advanceClock(minutes(32))
    expect(driver.rows(rows).filter(({ value }) => value !== null)).toEqual([])
  })

  it('puts a tombstone on a topic, under the key', async () => {
    const driver = testDriver(counted().expireAfter(hours(1)).to(newest))
    await driver.pipe(readings, { sensor: 'a', at: 0 })
    await driver.pipe(readings, { sensor: 'b', at: 3_600_000 })
    expect(await driver.output(newest)).toMatchObject([
      { key: 'a', value: { count: 1 } },
      { key: 'a', value: null, timestamp: 3_600_000 },
      { key: 'b', value: { count: 1 } },
    ])
  })

  it('leaves the row when asked to', async () => {
    const kept = counted()
      .expireAfter(hours(1), { keepResult: true })
      .emit('updates', { every: seconds(10) })
    const driver = testDriver(kept.to(rows))
    for (const at of [0, 1]) await driver.pipe(readings, { sensor: 'a', at })
    await driver.advanceClock(hours(3))
    expect(driver.rows(rows)).toMatchObject([{ key: 'a', value: { count: 2 } }])
    await driver.pipe(readings, { sensor: 'a', at: 10_800_000 })
    await driver.closeWindows()
    expect(driver.rows(rows)).toMatchObject([{ key: 'a', value: { count: 1 } }])
  })

  it.each([
    { title: 'a time of 0', declare: () => counted().expireAfter(ms(0)), code: 'DURATION_INVALID' },
    { title: 'a typo', declare: () => counted().expireAfter(ms(1), any({ keep: true })), code: 'OPTION_UNKNOWN' },
    {
      title: 'a text for yes',
      declare: () => counted().expireAfter(ms(1), { keepResult: any('yes') }),
      code: 'OPTION_INVALID',
    },
  ])('$title is an error at declaration', ({ declare, code }) => {
    expect(declare).toThrow(expect.objectContaining({ code }))
  })
})
