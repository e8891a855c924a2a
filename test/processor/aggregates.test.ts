import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  collect,
  count,
  countDistinct,
  first,
  last,
  max,
  maxBy,
  mean,
  min,
  minBy,
  minutes,
  ms,
  processor,
  quantile,
  quantiles,
  rate,
  reduce,
  stddev,
  sum,
  table,
  topic,
  topK,
  tumbling,
  variance,
} from '#millrace'
import { testDriver } from '#millrace/testing'

const payments = topic('payments', {
  schema: z.object({ card: z.string(), shop: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.card,
  time: (payment) => payment.at,
  partitions: 1,
})
const rows = table<unknown>('rows')

// The driver starts from the journal with every record: each state is written and read back between any two of them.
describe('every aggregate in one window', () => {
  const declared = processor('all')
    .from(payments)
    .keyBy()
    .window(tumbling(minutes(1)).grace(ms(0)))
    .aggregate({
      count: count(),
      sum: sum((payment) => payment.amount),
      money: sum((payment) => payment.amount, { exact: 'decimal' }),
      cents: sum((payment) => Math.round(payment.amount * 100), { exact: 'integer' }),
      min: min((payment) => payment.amount),
      max: max((payment) => payment.amount),
      mean: mean((payment) => payment.amount),
      variance: variance((payment) => payment.amount, { population: true }),
      stddev: stddev((payment) => payment.amount, { population: true }),
      first: first((payment) => payment.shop),
      last: last((payment) => payment.shop),
      smallest: minBy(
        (payment) => payment.amount,
        (payment) => payment.shop,
      ),
      largest: maxBy(
        (payment) => payment.amount,
        (payment) => payment.shop,
      ),
      some: collect(2, (payment) => payment.shop),
      longest: reduce(
        (a: string, b: string) => (b.length > a.length ? b : a),
        (payment) => payment.shop,
      ),
      shops: countDistinct((payment) => payment.shop),
      top: topK(1, (payment) => payment.shop),
      median: quantile(0.5, (payment) => payment.amount),
      ends: quantiles({ low: 0, high: 1 }, (payment) => payment.amount),
      perMinute: rate({ per: minutes(1), over: minutes(1) }),
    })
    .emit('final')
    .to(rows)

  it('gives what its definition says', async () => {
    const driver = testDriver(declared)
    const list = [
      { shop: 'bakery', amount: 0.1, at: 10 },
      { shop: 'cinema', amount: 0.2, at: 20 },
      { shop: 'bakery', amount: -0.3, at: 0 },
      { shop: 'theatre', amount: 4, at: 30 },
    ]
    for (const payment of list) await driver.pipe(payments, { card: 'c', ...payment })
    await driver.closeWindows()
    // Mean 1; distances -0.9, -0.8, -1.3, 3: squares 0.81 + 0.64 + 1.69 + 9 = 12.14.
    expect(driver.rows(rows)[0]!.value).toEqual({
      key: 'c',
      window: { start: 0, end: 60_000 },
      count: 4,
      sum: expect.closeTo(4, 12),
      money: '4.0',
      cents: 400,
      min: -0.3,
      max: 4,
      mean: expect.closeTo(1, 12),
      variance: expect.closeTo(12.14 / 4, 12),
      stddev: expect.closeTo(Math.sqrt(12.14 / 4), 12),
      first: 'bakery',
      last: 'theatre',
      smallest: 'bakery',
      largest: 'theatre',
      some: { values: ['bakery', 'cinema'], more: 2 },
      longest: 'theatre',
      shops: { count: 3, exact: true },
      top: { items: [{ item: 'bakery', count: 2 }], exact: true, error: 0 },
      median: expect.closeTo(0.1, 2),
      ends: { low: -0.3, high: 4, accuracy: expect.closeTo(0.01, 12) },
      perMinute: 4,
    })
  })

  it('a record that one of them refuses is parked, and counts in none', async () => {
    const driver = testDriver(
      processor('p')
        .from(payments)
        .keyBy()
        .window(tumbling(minutes(1)).grace(ms(0)))
        .aggregate({ count: count(), cents: sum((payment) => payment.amount, { exact: 'integer' }) })
        .to(rows),
    )
    for (const amount of [1, 1.5, 2]) await driver.pipe(payments, { card: 'c', shop: 's', amount, at: 0 })
    await driver.closeWindows()
    expect(driver.rows(rows)).toMatchObject([{ value: { count: 2, cents: 3 } }])
    expect(await driver.parked()).toMatchObject([{ reason: 'CODE_FAILED' }])
  })
})
