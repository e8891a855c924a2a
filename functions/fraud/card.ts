import type * as z from 'zod'
import { always, count, countDistinct, hours, mean, previous, profile, recent, stddev, sum } from '#millrace'
import type { authorization } from '../topics.ts'

export type Authorization = z.infer<typeof authorization>

/** What the rules know of a card. */
export const card = profile<Authorization>()({
  /** Its payments of the last day at most. */
  lately: recent(
    { upTo: hours(24) },
    {
      count: count(),
      total: sum((payment) => payment.amount),
      merchants: countDistinct((payment) => payment.merchant),
      countries: countDistinct((payment) => payment.country),
    },
  ),
  /** Its habits, before the payment at hand. */
  habit: always({
    count: count(),
    mean: mean((payment) => payment.amount),
    stddev: stddev((payment) => payment.amount),
  }),
  last: previous(({ latitude, longitude }) => ({ latitude, longitude })),
})
