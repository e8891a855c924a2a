import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ms, processor, sum, table, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const orders = topic('orders', {
  schema: z.object({ customer: z.string(), total: z.number(), at: z.number() }),
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
const bookings = topic('bookings', {
  schema: z.object({ customer: z.string(), ordered: z.number(), paid: z.number(), at: z.number() }),
  key: (booking) => booking.customer,
  time: (booking) => booking.at,
  partitions: 2,
})
const balances = table<{ key: string; ordered: number; paid: number }>('balances')

// As docs/aggregates.md has it, until a processor may have several sources itself.
describe('several sources meet in a topic of their own', () => {
  const ordered = processor('bookings-of-orders')
    .from(orders)
    .map(({ customer, total, at }) => ({ customer, ordered: total, paid: 0, at }))
    .to(bookings)
  const paid = processor('bookings-of-payments')
    .from(payments)
    .map(({ payer, amount, at }) => ({ customer: payer, ordered: 0, paid: amount, at }))
    .to(bookings)
  const balance = processor('balance')
    .from(bookings)
    .keyBy()
    .aggregate({ ordered: sum((booking) => booking.ordered), paid: sum((booking) => booking.paid) })
    .emit('updates', { every: ms(1) })
    .to(balances)

  it('under one key, whatever they were keyed by', async () => {
    const driver = testDriver([ordered, paid, balance])
    await driver.pipe(orders, { customer: 'c', total: 30, at: 0 })
    await driver.pipe(payments, { id: '1', payer: 'c', amount: 10, at: 5 })
    await driver.pipe(payments, { id: '2', payer: 'd', amount: 7, at: 6 })
    await driver.pipe(orders, { customer: 'c', total: 2, at: 7 })
    await driver.closeWindows()
    expect(driver.rows(balances)).toMatchObject([
      { key: 'c', value: { ordered: 32, paid: 10 } },
      { key: 'd', value: { ordered: 0, paid: 7 } },
    ])
  })
})
