import { seconds } from '#millrace'
import { amountAboveHabit } from './amount-above-habit.ts'
import { blockedMerchant } from './blocked-merchant.ts'
import { card } from './card.ts'
import { declinedThenApproved } from './declined-then-approved.ts'
import { device } from './device.ts'
import { dormantCard } from './dormant-card.ts'
import { impossibleTravel } from './impossible-travel.ts'
import { manyCards } from './many-cards.ts'
import { manyCountries, manyMerchants } from './many-places.ts'
import { smallThenLarge } from './small-then-large.ts'
import { velocityCount } from './velocity-count.ts'
import { velocitySum } from './velocity-sum.ts'

const order = { grace: seconds(10) }

/** Rules on each card: add a rule here, and it runs, in the backtest too. */
export const cardRules = card.set(
  [
    blockedMerchant,
    smallThenLarge,
    velocityCount,
    velocitySum,
    manyMerchants,
    manyCountries,
    amountAboveHabit,
    impossibleTravel,
    declinedThenApproved,
    dormantCard,
  ],
  order,
)

/** Rules on each device. */
export const deviceRules = device.set([manyCards], order)
