import { describe, expect, it } from 'vitest'
import { minutes } from '#millrace'
import { declinedThenApproved } from '../../../functions/fraud/declined-then-approved.ts'
import { smallThenLarge } from '../../../functions/fraud/small-then-large.ts'
import { saidOf } from './rule-fixture.ts'

const small = (at: number) => ({ at, amount: 5 })
const large = (at: number) => ({ at, amount: 2_000 })

describe('small-then-large: at least 3 below 100, then one above 1,000, within 5 minutes', () => {
  it.each([
    { title: 'three and one', payments: [small(0), small(1), small(2), large(3)], said: [3] },
    { title: 'two and one', payments: [small(0), small(1), large(3)], said: [] },
    {
      title: 'one alert per attack',
      payments: [small(0), small(1), small(2), small(3), large(4), large(5)],
      said: [4],
    },
    {
      title: 'the first exactly 5 minutes before: out of the window',
      payments: [small(0), small(1), small(2), large(minutes(5))],
      said: [],
    },
  ])('$title', async ({ payments, said }) => {
    expect((await saidOf(smallThenLarge, payments)).map(({ last }) => last)).toEqual(said)
  })

  it('says how many small payments there were, and how large the large one was', async () => {
    const [alert] = await saidOf(smallThenLarge, [small(0), small(1), small(2), small(3), large(4)])
    expect(alert!.compared).toEqual(['small payments: 4 >= 3', 'amount: 2000 > 1000'])
  })
})

const declined = (at: number) => ({ at, approved: false })

describe('declined-then-approved: at least 4 refused, then one approved, within 10 minutes', () => {
  it.each([
    { title: 'four and one', payments: [0, 1, 2, 3].map(declined).concat({ at: 4, approved: true }), said: [4] },
    { title: 'three and one', payments: [0, 1, 2].map(declined).concat({ at: 4, approved: true }), said: [] },
    { title: 'refused only', payments: [0, 1, 2, 3, 4, 5].map(declined), said: [] },
    {
      title: 'too slow',
      payments: [0, 1, 2, 3].map(declined).concat({ at: minutes(10), approved: true }),
      said: [],
    },
  ])('$title', async ({ payments, said }) => {
    expect((await saidOf(declinedThenApproved, payments)).map(({ last }) => last)).toEqual(said)
  })
})
