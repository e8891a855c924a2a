import * as z from 'zod'
import { above, all, atLeast, days } from '#millrace'
import { card } from './card.ts'

/** A card that has slept for long and wakes with a payment that is not small. */
export const dormantCard = card.rule('dormant-card', {
  parameters: z.strictObject({ sleptMs: z.int().positive(), amount: z.number().nonnegative() }),
  initial: { sleptMs: days(90), amount: 300 },
  when: ({ event, timeMs, seen: { last }, parameters }) =>
    all(
      atLeast('ms since the payment before', last === undefined ? null : timeMs - last.timeMs, parameters.sleptMs),
      above('amount', event.amount, parameters.amount),
    ),
})
