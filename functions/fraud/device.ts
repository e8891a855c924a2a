import { countDistinct, hours, profile, recent } from '#millrace'
import type { Authorization } from './card.ts'

/** What the rules know of a device. */
export const device = profile<Authorization>()({
  lately: recent({ upTo: hours(24) }, { cards: countDistinct((payment) => payment.cardId) }),
})
