import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, ms, processor, session, table, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const visits = topic('visits', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (visit) => visit.user,
  time: (visit) => visit.at,
  partitions: 1,
})
const window = z.object({ start: z.number(), end: z.number() })
const schema = z.object({ key: z.string(), window, count: z.number() })
const sessions = topic('sessions', {
  schema,
  key: ({ key, window }) => [key, window.start, window.end],
  partitions: 1,
})
const keyless = topic('keyless', { schema, partitions: 1 })
const counted = processor('visits-of-users')
  .from(visits)
  .keyBy()
  .window(session({ gap: ms(5) }).grace(ms(5)))
  .aggregate({ count: count() })

const play = async (driver: ReturnType<typeof testDriver>, ...times: number[]) => {
  for (const at of times) await driver.pipe(visits, { user: 'u', at })
}
const shown = async (driver: ReturnType<typeof testDriver>) =>
  (await driver.output(sessions)).map(({ key, value }) => `${key} ${value?.count ?? 'gone'}`)

describe('updates of sessions on a topic', () => {
  it('are deleted under the key that they went out under, when their session grows or is swallowed', async () => {
    const driver = testDriver(counted.emit('updates').to(sessions))
    await play(driver, 0, 3, 9)
    expect(await shown(driver)).toEqual(['["u",0,0] 1', '["u",0,0] gone', '["u",0,3] 2', '["u",9,9] 1'])
    await play(driver, 6)
    expect((await shown(driver)).slice(4)).toEqual(['["u",0,3] gone', '["u",9,9] gone', '["u",0,9] 4'])
  })

  it('so that of each key the newest record of the topic is what is true, also of what is written otherwise', async () => {
    const driver = testDriver(
      counted
        .emit('updates', { every: ms(4) })
        .to(sessions, { map: (result) => ({ ...result, key: result.key.toUpperCase() }) }),
    )
    await play(driver, 0, 4, 12, 13, 17, 30)
    await driver.closeWindows()
    const newest = Object.fromEntries((await driver.output(sessions)).map(({ key, value }) => [key, value?.count]))
    expect(Object.entries(newest).filter(([, value]) => value !== undefined)).toEqual([
      ['["U",0,4]', 2],
      ['["U",12,17]', 3],
      ['["U",30,30]', 1],
    ])
  })

  it('need a topic that declares such a key; final results, and tables, do not', () => {
    const refused = expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/keyless.*window\.start/),
    })
    expect(() => counted.emit('updates').to(keyless)).toThrow(refused)
    expect(() => counted.emit('final', { early: ms(1) }).to(keyless)).toThrow(refused)
    counted.emit('final').to(keyless)
    counted.to(keyless)
    counted.emit('updates', { every: ms(1) }).to(table('rows'))
  })
})

it('an aggregate that expires is deleted under the key of the topic, whatever it was grouped by', async () => {
  const perUser = topic('per-user', {
    schema: z.object({ key: z.string(), count: z.number() }),
    key: (result) => `user ${result.key}`,
    partitions: 1,
  })
  const running = processor('running').from(visits).keyBy().aggregate({ count: count() })
  const driver = testDriver(running.expireAfter(ms(10)).to(perUser))
  await driver.pipe(visits, { user: 'u', at: 0 })
  await driver.pipe(visits, { user: 'v', at: 10 })
  expect((await driver.output(perUser)).map(({ key, value }) => `${key} ${value?.count ?? 'gone'}`)).toEqual([
    'user u 1',
    'user u gone',
    'user v 1',
  ])
})
