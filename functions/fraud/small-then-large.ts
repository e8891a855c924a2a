import * as z from 'zod'
import { above, atLeast, minutes } from '#millrace'
import { card } from './card.ts'

/** Card testing: some tiny payments that try whether a stolen number works, then a large one. One alert per attack. */
export const smallThenLarge = card.sequence('small-then-large', {
  action: 'block',
  parameters: z.strictObject({
    small: z.number().positive(),
    large: z.number().positive(),
    times: z.int().min(1).max(100),
    withinMs: z.int().positive(),
  }),
  initial: { small: 100, large: 1_000, times: 3, withinMs: minutes(5) },
  pattern: (p, { small, large, times, withinMs }) =>
    p
      .begin('small', (payment) => payment.amount < small)
      .atLeast(times)
      .followedBy('large', (payment) => payment.amount > large)
      .within(withinMs)
      .skip('past-last-event'),
  explain: (match, { large, times }) => [
    atLeast('small payments', match.step('small').length, times)!,
    above('amount', match.step('large')[0]!.value.amount, large)!,
  ],
})
