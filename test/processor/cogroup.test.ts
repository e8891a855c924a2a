import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, ms, plan, processor, seconds, sum, table, topic, tumbling } from '#millrace'
import { testDriver } from '#millrace/testing'

const orders = topic('orders', {
  schema: z.object({ customer: z.string(), total: z.number(), at: z.number() }).nullable(),
  key: (order) => order.customer,
  time: (order) => order.at,
  partitions: 2,
})
const payments = topic('payments', {
  schema: z.object({ id: z.string(), payer: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.id,
  time: (payment) => payment.at,
  partitions: 3,
})
const balances = table<{ key: string; ordered: number; paid: number }>('balances')
const perMinute = topic('per-minute', {
  schema: z.object({ key: z.string(), window: z.object({ start: z.number(), end: z.number() }), count: z.number() }),
  partitions: 1,
})

const met = processor('balance', { idleAfter: minutes(1) }).cogroup({
  order: (source) => source.from(orders).keyBy(),
  payment: (source) =>
    source
      .from(payments)
      .filter((payment) => payment.amount > 0)
      .keyBy((payment) => payment.payer),
})
const balance = met
  .aggregate({
    ordered: sum((each) => (each.source === 'order' ? each.value.total : 0)),
    paid: sum((each) => (each.source === 'payment' ? each.value.amount : 0)),
  })
  .emit('updates', { every: ms(1) })
  .to(balances)
const counted = met
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(perMinute)

describe('several sources in one aggregate', () => {
  it('meet under one key, whatever they were keyed by', async () => {
    const driver = testDriver(balance)
    await driver.pipe(orders, { customer: 'c', total: 30, at: 0 })
    await driver.pipe(payments, { id: '1', payer: 'c', amount: 10, at: 5 })
    await driver.pipe(payments, { id: '2', payer: 'd', amount: 7, at: 6 })
    await driver.pipe(payments, { id: '3', payer: 'd', amount: 0, at: 6 })
    await driver.pipe(orders, { customer: 'c', total: 2, at: 7 })
    await driver.pipeBytes(orders, 'c', null, { timestamp: 8 })
    await driver.closeWindows()
    expect(driver.rows(balances)).toMatchObject([
      { key: 'c', value: { ordered: 32, paid: 10 } },
      { key: 'd', value: { ordered: 0, paid: 7 } },
    ])
    expect(driver.counts(balance, 'rekey-order')).toMatchObject({ read: 3, counted: 2, filtered: 1 })
    expect(driver.counts(balance, 'rekey-payment')).toMatchObject({ read: 3, counted: 2, filtered: 1 })
    expect(driver.counts(balance)).toMatchObject({ read: 4, counted: 4 })
  })

  it('a record whose key is not the topic’s own is parked where it was read, in a source that goes by that key', async () => {
    const driver = testDriver(balance)
    await driver.pipeBytes(orders, 'someone else', '{"customer":"c","total":1,"at":0}')
    expect(await driver.parked()).toMatchObject([{ reason: 'KEY_MISMATCH', topic: 'orders' }])
  })

  it('of one topic twice are two sources: a transfer counts for who sends and for who receives', async () => {
    const transfers = topic('transfers', {
      schema: z.object({ from: z.string(), to: z.string(), cents: z.number() }),
      partitions: 1,
    })
    const saldo = processor('saldo')
      .cogroup({
        sent: (source) => source.from(transfers).keyBy((transfer) => transfer.from),
        received: (source) => source.from(transfers).keyBy((transfer) => transfer.to),
      })
      .aggregate({ cents: sum(({ source, value }) => (source === 'sent' ? -value.cents : value.cents)) })
      .emit('updates', { every: ms(1) })
      .to(table<{ key: string; cents: number }>('saldos'))
    const driver = testDriver(saldo)
    await driver.pipe(transfers, { from: 'a', to: 'b', cents: 5 })
    await driver.pipe(transfers, { from: 'b', to: 'c', cents: 2 })
    await driver.closeWindows()
    const rows = driver.rows(table<{ key: string; cents: number }>('saldos'))
    expect(rows.map(({ value }) => [value!.key, value!.cents])).toEqual([
      ['a', -5],
      ['b', 3],
      ['c', 2],
    ])
  })

  it('a source that is ahead makes nothing of the other late', async () => {
    const driver = testDriver(counted)
    const all = (at: number) => [0, 1].map((partition) => ({ partition, order: { customer: 'c', total: 1, at } }))
    for (const { partition, order } of all(600_000)) await driver.pipe(orders, order, { partition })
    for (const partition of [0, 1, 2])
      await driver.pipe(payments, { id: '1', payer: 'c', amount: 1, at: 10_000 }, { partition })
    expect(driver.counts(counted).late).toBe(0)
    await driver.closeWindows()
    expect((await driver.output(perMinute)).map(({ value }) => [value!.window.start, value!.count])).toEqual([
      [0, 3],
      [600_000, 2],
    ])
  })
})

describe('the stages of several sources', () => {
  const { stages, topics } = plan([counted])

  it('are a re-key for each, and one behind them', () => {
    expect(stages.map(({ id, group, source }) => [id, group, source.name])).toEqual([
      ['balance-rekey-order', 'millrace.balance.1.rekey-order', 'orders'],
      ['balance-rekey-payment', 'millrace.balance.1.rekey-payment', 'payments'],
      ['balance', 'millrace.balance.1.main', 'millrace.balance.1.rekey'],
    ])
    expect(stages[2]!.upstream).toEqual([stages[0], stages[1]])
  })

  it('meet in an internal topic that has the partitions of the largest', () => {
    expect(topics.find(({ role }) => role === 'internal')).toMatchObject({ partitions: 3 })
  })

  it('keep a state that knows its sources and how many partitions each has', () => {
    const renamed = processor('balance')
      .cogroup({
        invoice: (source) => source.from(orders).keyBy(),
        payment: (source) => source.from(payments).keyBy((payment) => payment.payer),
      })
      .window(tumbling(minutes(1)).grace(seconds(0)))
      .aggregate({ count: count() })
      .to(perMinute)
    expect(stages[2]!.program.signature).toMatch(/^order:2,payment:3 > /)
    expect(plan([renamed]).stages[2]!.program.signature).toMatch(/^invoice:2,payment:3 > /)
  })
})

describe('a declaration of several sources is refused', () => {
  const refused = (sources: unknown) => () => processor('x').cogroup(sources as Record<string, never>)

  it.each<[what: string, sources: unknown, code: string, message: RegExp]>([
    ['without any', {}, 'OPTION_INVALID', /sources/],
    ['that are missing', undefined, 'OPTION_INVALID', /sources/],
    ['that is no function', { order: orders }, 'OPTION_INVALID', /order/],
    ['that is not keyed', { order: (s: never) => (s as typeof source).from(orders) }, 'OPTION_INVALID', /keyBy/],
    [
      'whose name holds a dot',
      { 'a.b': (s: never) => (s as typeof source).from(orders).keyBy() },
      'NAME_INVALID',
      /a\.b/,
    ],
    [
      'with state of its own',
      {
        order: (s: never) =>
          (s as typeof source)
            .from(orders)
            .keyBy()
            .distinct((order) => order!.at, { within: seconds(1) }),
      },
      'OPTION_INVALID',
      /behind cogroup/,
    ],
  ])('%s', (_, sources, code, message) => {
    expect(refused(sources)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  it('that is an output as well', () => {
    expect(() => met.aggregate({ count: count() }).to(payments, { map: () => ({}) as never })).toThrow(
      expect.objectContaining({ code: 'OUTPUT_IS_SOURCE' }),
    )
  })
})

const source = processor('x')
