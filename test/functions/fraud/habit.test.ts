import { describe, expect, it } from 'vitest'
import { days } from '#millrace'
import { amountAboveHabit } from '../../../functions/fraud/amount-above-habit.ts'
import { FORGET_AFTER_MS } from '../../../functions/fraud/card.ts'
import { dormantCard } from '../../../functions/fraud/dormant-card.ts'
import { fraudSettings } from '../../../functions/fraud-settings.ts'
import { saidOf } from './rule-fixture.ts'

// Ten payments of 90 and 110 by turns: mean 100, sample deviation sqrt(1000 / 9) = 10.54; four of them above the mean: 142.16.
const habit = Array.from({ length: 10 }, (_, i) => ({ at: i, amount: i % 2 === 0 ? 90 : 110 }))

describe('amount-above-habit: after 10 payments, more than four deviations above their mean, and more than 200', () => {
  it.each([
    { title: 'above both', payments: [...habit, { at: 11, amount: 201 }], said: [10] },
    { title: 'above the habit, not above 200', payments: [...habit, { at: 11, amount: 200 }], said: [] },
    { title: 'nine payments are no history', payments: [...habit.slice(1), { at: 11, amount: 9_999 }], said: [] },
    {
      title: 'wild spending is a habit too',
      payments: [...habit.map(({ at }, i) => ({ at, amount: i % 2 === 0 ? 1 : 1_000 })), { at: 11, amount: 1_500 }],
      said: [],
    },
  ])('$title', async ({ payments, said }) => {
    expect((await saidOf(amountAboveHabit, payments)).map(({ last }) => last)).toEqual(said)
  })
})

describe('dormant-card: 90 days of silence, then more than 300', () => {
  it.each([
    { title: 'both', payments: [{ at: 0 }, { at: days(90), amount: 301 }], said: [1] },
    { title: 'a millisecond less', payments: [{ at: 0 }, { at: days(90) - 1, amount: 301 }], said: [] },
    { title: 'a small payment', payments: [{ at: 0 }, { at: days(90), amount: 300 }], said: [] },
    { title: 'the first payment of a card', payments: [{ at: days(90), amount: 301 }], said: [] },
    {
      title: 'the small payment has woken it',
      payments: [{ at: 0 }, { at: days(90), amount: 1 }, { at: days(90) + 1, amount: 999 }],
      said: [],
    },
  ])('$title', async ({ payments, said }) => {
    expect((await saidOf(dormantCard, payments)).map(({ last }) => last)).toEqual(said)
  })

  const sleeping = (sleptMs: number) => ({ rules: { 'dormant-card': { parameters: { sleptMs, amount: 300 } } } })

  it('wakes after the longest sleep that settings may ask for', async () => {
    const payments = [{ at: 0 }, { at: FORGET_AFTER_MS - 1, amount: 301 }]
    const said = await saidOf(dormantCard, payments, sleeping(FORGET_AFTER_MS - 1))
    expect(said.map(({ last }) => last)).toEqual([1])
  })

  it('is asked for no longer sleep than a card is remembered, and says so', () => {
    expect(() => fraudSettings.check(sleeping(FORGET_AFTER_MS))).toThrow(
      /^SETTINGS_INVALID: .*rules\.dormant-card\.parameters\.sleptMs: it must be below 34560000000: a card is forgotten after 400 days/,
    )
    expect(() => fraudSettings.check(sleeping(FORGET_AFTER_MS - 1))).not.toThrow()
  })
})
