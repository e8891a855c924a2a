import type * as z from 'zod'
import { always, count, countDistinct, days, hours, mean, previous, profile, recent, stddev, sum } from '#millrace'
import type { authorization } from '../topics.ts'

/** How far back a rule may look: what it asks for is a parameter, and no more than this is kept. */
export const LOOK_BACK_MS = hours(24)

/** A card that is silent for so long is forgotten: no rule sees a longer silence. */
export const FORGET_AFTER_MS = days(400)

export type Authorization = z.infer<typeof authorization>

/** What the rules know of a card. */
export const card = profile<Authorization>()(
  {
    /** Its payments of the last day. */
    lately: recent(
      { upTo: LOOK_BACK_MS },
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
  },
  { forgetAfter: FORGET_AFTER_MS },
)
