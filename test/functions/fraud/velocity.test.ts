import { describe, expect, it } from 'vitest'
import { hours, minutes } from '#millrace'
import { manyCountries, manyMerchants } from '../../../functions/fraud/many-places.ts'
import { velocityCount } from '../../../functions/fraud/velocity-count.ts'
import { velocitySum } from '../../../functions/fraud/velocity-sum.ts'
import { saidOf } from './rule-fixture.ts'

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))

describe('velocity-count: more than 8 payments within 10 minutes', () => {
  it.each([
    { title: '8 payments: nothing', payments: times(8, (i) => ({ at: i })), alerts: [] },
    {
      title: 'the ninth',
      payments: times(9, (i) => ({ at: minutes(i) })),
      alerts: [{ last: 8, compared: ['payments within the time: 9 > 8'] }],
    },
    {
      title: 'the ninth exactly 10 minutes after the first: the first is out',
      payments: [...times(8, (i) => ({ at: i })), { at: minutes(10) }],
      alerts: [],
    },
    {
      title: 'a millisecond earlier: the first is in',
      payments: [...times(8, (i) => ({ at: i })), { at: minutes(10) - 1 }],
      alerts: [{ last: 8, compared: ['payments within the time: 9 > 8'] }],
    },
    {
      title: 'quiet for 10 minutes after an alert, then heard again',
      payments: times(12 + 9, (i) => ({ at: i < 12 ? i : minutes(20) + i })),
      alerts: [
        { last: 8, compared: ['payments within the time: 9 > 8'] },
        { last: 20, compared: ['payments within the time: 9 > 8'] },
      ],
    },
    {
      title: 'other cards do not count',
      payments: times(20, (i) => ({ at: i, cardId: `card ${i % 4}` })),
      alerts: [],
    },
  ])('$title', async ({ payments, alerts }) => {
    expect(await saidOf(velocityCount, payments)).toEqual(alerts)
  })
})

describe('velocity-sum: more than 5,000 within an hour', () => {
  it.each([
    { title: 'exactly 5,000: nothing', payments: times(5, (i) => ({ at: i, amount: 1_000 })), alerts: [] },
    {
      title: 'a cent more',
      payments: [...times(5, (i) => ({ at: i, amount: 1_000 })), { at: 6, amount: 0.01 }],
      alerts: [{ last: 5, compared: ['amount within the time: 5000.01 > 5000'] }],
    },
    {
      title: 'what was an hour ago is out',
      payments: [
        { at: 0, amount: 4_000 },
        { at: hours(1), amount: 4_000 },
      ],
      alerts: [],
    },
  ])('$title', async ({ payments, alerts }) => {
    expect(await saidOf(velocitySum, payments)).toEqual(alerts)
  })
})

describe('many-merchants and many-countries', () => {
  it('counts each merchant once: more than 5 within an hour', async () => {
    const payments = times(12, (i) => ({ at: i, merchant: `shop ${i % 6}` }))
    expect(await saidOf(manyMerchants, payments)).toEqual([{ last: 5, compared: ['merchants within the time: 6 > 5'] }])
  })
  it('counts each country once: more than 3 within a day', async () => {
    const countries = ['DE', 'FR', 'DE', 'PL', 'NL']
    const payments = countries.map((country, i) => ({ at: hours(i), country }))
    expect(await saidOf(manyCountries, payments)).toEqual([{ last: 4, compared: ['countries within the time: 4 > 3'] }])
  })
})
