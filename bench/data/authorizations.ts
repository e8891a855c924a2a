import type * as z from 'zod'
import type { authorization } from '../../functions/topics.ts'
import type { TransactionRecord } from './transactions.ts'

type Authorization = z.infer<typeof authorization>

/** Where cards are at home. */
const HOMES = [
  [52.52, 13.41, 'DE'],
  [48.86, 2.35, 'FR'],
  [51.51, -0.13, 'GB'],
  [35.68, 139.69, 'JP'],
  [40.71, -74.01, 'US'],
] as const
/** One payment in so many comes from another card's home; one in so many is declined. */
const AWAY = 5_000
const DECLINED = 33

/** A transaction as its card's issuer sees it. What is added hangs on the line alone, so that rounds are alike. */
export function authorizationOf(line: TransactionRecord): TransactionRecord {
  const transaction = JSON.parse(line.value) as Pick<Authorization, 'id' | 'cardId' | 'amount' | 'merchant' | 'at'>
  const { id, cardId, amount, merchant, at } = transaction
  const number = Number(id.slice('tx-'.length, 'tx-'.length + 9))
  const home = Number(cardId.slice('card-'.length)) + (number % AWAY === 0 ? 3 : 0)
  const [latitude, longitude, country] = HOMES[home % HOMES.length]!
  const value: Authorization = {
    id,
    cardId,
    deviceId: `device-of-${cardId}`,
    amount,
    merchant: merchant.split(',')[0]!,
    country,
    latitude,
    longitude,
    approved: number % DECLINED !== 0,
    at,
  }
  return { ...line, value: JSON.stringify(value) }
}
