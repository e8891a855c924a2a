import { describe, expect, it } from 'vitest'
import { testDriver } from '#millrace/testing'
import { fraudDetection } from '../../functions/fraud-detection.ts'
import { fraudAlerts, transactions } from '../../functions/topics.ts'
import { minutes, seconds } from '../../shared/time.ts'

const pay = (id: string, amount: number, at: number) => ({
  id,
  cardId: 'card',
  amount,
  merchant: 'shop',
  country: 'DE',
  at,
})
const small = (id: string, at: number) => pay(id, 5, at)
const large = (id: string, at: number) => pay(id, 2_000, at)

async function alertsOf(payments: ReturnType<typeof pay>[]) {
  const driver = testDriver(fraudDetection)
  for (const payment of payments) await driver.pipe(transactions, payment)
  await driver.closeWindows()
  return (await driver.output(fraudAlerts)).map(({ value, timestamp }) => ({
    ids: value!.events.map(({ id }) => id).join(' '),
    timestamp,
  }))
}

describe('fraud-detection', () => {
  it.each([
    {
      title: 'three small payments and a large one',
      payments: [small('1', 0), small('2', 1_000), small('3', 2_000), large('L', 3_000)],
      alerts: ['1 2 3 L'],
    },
    { title: 'only two small ones', payments: [small('1', 0), small('2', 1_000), large('L', 3_000)], alerts: [] },
    {
      title: 'four small ones: one alert, not two',
      payments: [small('1', 0), small('2', 1), small('3', 2), small('4', 3), large('L', 4)],
      alerts: ['1 2 3 4 L'],
    },
    {
      title: 'payments between that are neither',
      payments: [small('1', 0), pay('x', 500, 1), small('2', 2), small('3', 3), pay('y', 500, 4), large('L', 5)],
      alerts: ['1 2 3 L'],
    },
    {
      title: 'the first small one exactly five minutes before the large one: out of the window',
      payments: [small('1', 0), small('2', 1), small('3', 2), large('L', minutes(5))],
      alerts: [],
    },
    {
      title: 'a millisecond less: in it',
      payments: [small('1', 1), small('2', 2), small('3', 3), large('L', minutes(5))],
      alerts: ['1 2 3 L'],
    },
    {
      title: 'after an alert it starts anew',
      payments: [
        small('1', 0),
        small('2', 1),
        small('3', 2),
        large('L', 3),
        large('M', 4),
        small('4', 5),
        small('5', 6),
        small('6', 7),
        large('N', 8),
      ],
      alerts: ['1 2 3 L', '4 5 6 N'],
    },
  ])('$title', async ({ payments, alerts }) => {
    expect((await alertsOf(payments)).map(({ ids }) => ids)).toEqual(alerts)
  })

  it('gives the same alert whatever the order of arrival within ten seconds', async () => {
    const payments = [small('1', 0), small('2', seconds(3)), small('3', seconds(6)), large('L', seconds(9))]
    for (const order of [
      [3, 2, 1, 0],
      [2, 0, 3, 1],
      [1, 3, 0, 2],
    ])
      expect(await alertsOf(order.map((i) => payments[i]!))).toEqual([{ ids: '1 2 3 L', timestamp: seconds(9) }])
  })

  it('names each contributing payment with its step, partition and offset', async () => {
    const driver = testDriver(fraudDetection)
    for (const payment of [small('1', 0), small('2', 1), small('3', 2), large('L', 3)])
      await driver.pipe(transactions, payment, { partition: 7 })
    await driver.closeWindows()
    const [alert] = await driver.output(fraudAlerts)
    expect(alert!.value).toEqual({
      rule: 'small-then-large',
      cardId: 'card',
      total: 2_015,
      events: [
        { step: 'small', partition: 7, offset: 0, id: '1', amount: 5, at: 0 },
        { step: 'small', partition: 7, offset: 1, id: '2', amount: 5, at: 1 },
        { step: 'small', partition: 7, offset: 2, id: '3', amount: 5, at: 2 },
        { step: 'large', partition: 7, offset: 3, id: 'L', amount: 2_000, at: 3 },
      ],
    })
  })

  it('waits until stream time is more than ten seconds past the large payment', async () => {
    const driver = testDriver(fraudDetection)
    for (const payment of [small('1', 0), small('2', 1), small('3', 2), large('L', 3)])
      await driver.pipe(transactions, payment)
    await driver.pipe(transactions, pay('t', 500, 3 + seconds(10)))
    expect(await driver.output(fraudAlerts)).toEqual([])
    await driver.pipe(transactions, pay('t', 500, 4 + seconds(10)))
    expect(await driver.output(fraudAlerts)).toHaveLength(1)
  })
})
