import * as z from 'zod'
import { above, all, atLeast } from '#millrace'
import { card } from './card.ts'

/** A payment far above what the card pays otherwise. A card without a history has no habit. */
export const amountAboveHabit = card.rule('amount-above-habit', {
  parameters: z.strictObject({
    history: z.int().min(2),
    deviations: z.number().positive(),
    amount: z.number().nonnegative(),
  }),
  initial: { history: 10, deviations: 4, amount: 200 },
  when({ event, seen: { habit }, parameters }) {
    const usual =
      habit.mean === null || habit.stddev === null ? null : habit.mean + parameters.deviations * habit.stddev
    return all(
      atLeast('payments before', habit.count, parameters.history),
      above('amount', event.amount, usual),
      above('amount', event.amount, parameters.amount),
    )
  },
})
