import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, ms, processor, seconds, table, topic, tumbling } from '#millrace'
import { testDriver } from '#millrace/testing'

const payments = topic('payments', {
  schema: z.object({ id: z.string(), card: z.string(), shop: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.card,
  time: (payment) => payment.at,
  partitions: 2,
})
const rows = table<unknown>('rows')
const lateOnes = topic('late-ones', { schema: z.unknown(), partitions: 1 })
const any = (value: unknown): never => value as never

const pay = (id: string, at: number, amount = 1) => ({ id, card: 'c', shop: 's', amount, at })

describe('distinct', () => {
  it('comes before a window: a retried payment is in its window once', async () => {
    const spend = processor('spend')
      .from(payments)
      .keyBy()
      .distinct((payment) => payment.id, { within: minutes(10) })
      .window(tumbling(minutes(5)).grace(seconds(30)))
      .aggregate({ count: count() })
      .to(rows)
    const driver = testDriver(spend)
    for (const payment of [pay('1', 0), pay('2', 10), pay('1', 0), pay('2', 10), pay('1', 0)])
      await driver.pipe(payments, payment)
    await driver.closeWindows()
    expect(driver.rows(rows)).toMatchObject([{ key: 'c', value: { count: 2 } }])
    expect(driver.counts(spend)).toMatchObject({ read: 5, counted: 2, duplicatesDropped: 3 })
  })

  it('comes before a pattern: a retry is not a second payment', async () => {
    const twice = processor('twice')
      .from(payments)
      .keyBy()
      .distinct((payment) => payment.id, { within: minutes(10) })
      .detect(
        (p) =>
          p
            .order('arrival')
            .begin('one', () => true)
            .next('two', () => true)
            .within(minutes(5)),
        (match) => match.all().map(({ value }) => value.id),
      )
      .to(rows)
    const driver = testDriver(twice)
    for (const payment of [pay('1', 0), pay('1', 0)]) await driver.pipe(payments, payment)
    expect(driver.rows(rows)).toEqual([])
    await driver.pipe(payments, pay('2', 5))
    expect(driver.rows(rows)).toMatchObject([{ value: ['1', '2'] }])
  })

  it('works behind a re-key, per new key', async () => {
    const perShop = processor('per-shop')
      .from(payments)
      .keyBy((payment) => payment.shop)
      .distinct((payment) => payment.id, { within: minutes(10) })
      .aggregate({ count: count() })
      .emit('updates', { every: ms(1) })
      .to(rows)
    const driver = testDriver(perShop)
    for (const payment of [pay('1', 0), { ...pay('1', 0), card: 'other' }, { ...pay('1', 0), shop: 't' }])
      await driver.pipe(payments, payment)
    await driver.closeWindows()
    expect(driver.rows(rows)).toMatchObject([
      { key: 's', value: { count: 1 } },
      { key: 't', value: { count: 1 } },
    ])
    expect(driver.counts(perShop)).toMatchObject({ counted: 2, duplicatesDropped: 1 })
  })

  it('several stand one behind the other, each with its own ids', async () => {
    const both = processor('both')
      .from(payments)
      .keyBy()
      .distinct((payment) => payment.id, { within: minutes(10) })
      .distinct((payment) => payment.amount, { within: minutes(1) })
      .aggregate({ count: count() })
      .emit('updates', { every: ms(1) })
      .to(rows)
    const driver = testDriver(both)
    for (const payment of [pay('1', 0, 5), pay('2', 0, 5), pay('3', 0, 6)]) await driver.pipe(payments, payment)
    expect(driver.counts(both)).toMatchObject({ counted: 2, duplicatesDropped: 1 })
  })

  it('what cannot be judged goes to the late output', async () => {
    const late = processor('late')
      .from(payments)
      .keyBy()
      .distinct((payment) => payment.id, { within: ms(10) })
      .process<number>({ version: 'v1', onRecord: (c, { value, timeMs }) => c.emit(value.amount, timeMs) })
      .to(rows)
      .late(lateOnes)
    const driver = testDriver(late)
    for (const payment of [pay('1', 100), pay('2', 85)]) await driver.pipe(payments, payment)
    expect(await driver.output(lateOnes)).toMatchObject([{ value: { key: 'c', value: { id: '2' }, lateByMs: 5 } }])
  })

  it.each([
    { title: 'no time', options: {}, code: 'DURATION_INVALID' },
    { title: 'a time of 0', options: { within: 0 }, code: 'DURATION_INVALID' },
    { title: 'a typo', options: { within: 1, most: 5 }, code: 'OPTION_UNKNOWN' },
    { title: 'a bound of 0', options: { within: 1, max: 0 }, code: 'OPTION_INVALID' },
  ])('$title is an error at declaration', ({ options, code }) => {
    const keyed = processor('p').from(payments).keyBy()
    expect(() => keyed.distinct((payment) => payment.id, any(options))).toThrow(expect.objectContaining({ code }))
  })

  it('an id by name is an error at declaration', () => {
    const keyed = processor('p').from(payments).keyBy()
    expect(() => keyed.distinct(any('id'), { within: minutes(1) })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})
