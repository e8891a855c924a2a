import * as z from 'zod'
import { onList } from '#millrace'
import { card } from './card.ts'

/** A payment at a merchant that is on the list `blocked-merchants`. */
export const blockedMerchant = card.rule('blocked-merchant', {
  action: 'block',
  parameters: z.strictObject({}),
  initial: {},
  when: (at) => onList(at, 'merchant', at.event.merchant, 'blocked-merchants'),
})
