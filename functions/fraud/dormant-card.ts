import * as z from 'zod'
import { above, all, atLeast, days } from '#millrace'
import { card, FORGET_AFTER_MS } from './card.ts'

const NEVER_SEEN = `it must be below ${FORGET_AFTER_MS}: a card is forgotten after ${FORGET_AFTER_MS / days(1)} days of silence (FORGET_AFTER_MS of functions/fraud/card.ts), so that a longer sleep is never seen`

/** A card that has slept for long and wakes with a payment that is not small. */
export const dormantCard = card.rule('dormant-card', {
  parameters: z.strictObject({
    sleptMs: z.int().positive().lt(FORGET_AFTER_MS, NEVER_SEEN),
    amount: z.number().nonnegative(),
  }),
  initial: { sleptMs: days(90), amount: 300 },
  when: ({ event, timeMs, seen: { last }, parameters }) =>
    all(
      atLeast('ms since the payment before', last === undefined ? null : timeMs - last.timeMs, parameters.sleptMs),
      above('amount', event.amount, parameters.amount),
    ),
})
