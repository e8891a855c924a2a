import * as z from 'zod'
import { atLeast, minutes } from '#millrace'
import { card } from './card.ts'

/** Payments refused again and again, until one goes through. */
export const declinedThenApproved = card.sequence('declined-then-approved', {
  parameters: z.strictObject({ declined: z.int().min(1).max(100), withinMs: z.int().positive() }),
  initial: { declined: 4, withinMs: minutes(10) },
  pattern: (p, { declined, withinMs }) =>
    p
      .begin('declined', (payment) => !payment.approved)
      .atLeast(declined)
      .followedBy('approved', (payment) => payment.approved)
      .within(withinMs)
      .skip('past-last-event'),
  explain: (match, { declined }) => [atLeast('payments declined', match.step('declined').length, declined)!],
})
