import { countDistinct, profile, recent } from '#millrace'
import { type Authorization, LOOK_BACK_MS } from './card.ts'

/** What the rules know of a device. */
export const device = profile<Authorization>()({
  lately: recent({ upTo: LOOK_BACK_MS }, { cards: countDistinct((payment) => payment.cardId) }),
})
