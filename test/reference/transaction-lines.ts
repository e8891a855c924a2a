import { between, oneOf, type Random, zipfPicker } from './random.ts'

/** Epoch milliseconds of the first line's event time. */
export const BASE_TIME_MS = Date.UTC(2026, 0, 1)

/** Lines per second of event time. */
export const LINES_PER_SECOND = 1_700

const ZIPF_EXPONENT = 0.9
const LATE_SHARE = 0.0002
const MERCHANTS = ['Harbour Books', 'Café Lumière', 'Bäckerei Nord', 'Metro Fuel', '東京マート', 'Orbit Air']
const COUNTRIES = ['DE', 'FR', 'GB', 'JP', 'NL', 'PL', 'US']

/** What one line says. `cents` is the amount in hundredths, `at` epoch milliseconds. */
export interface Draft {
  readonly id: string
  readonly cardId: string
  readonly cents: number
  readonly merchant: string
  readonly country: string
  readonly at: number
}

/** The fields of a line a plan may fix; the others are drawn. */
export type Fixed = Pick<Draft, 'cardId' | 'cents' | 'at'>

/** Event time in epoch milliseconds at which a line (index from 0) is sent. */
export function sendTime(line: number): number {
  return BASE_TIME_MS + Math.floor((line * 1000) / LINES_PER_SECOND)
}

/** The id of card number `n`, such as `card-01234`. */
export function cardName(n: number): string {
  return `card-${String(n).padStart(5, '0')}`
}

/** Makes the drafts of lines over `cards` cards, a few of which are hot. */
export function drafter(cards: number, random: Random): (line: number, fixed?: Fixed) => Draft {
  const pickCard = zipfPicker(cards, ZIPF_EXPONENT, random)
  const draw = (line: number): Fixed => ({
    cardId: cardName(pickCard()),
    cents: drawCents(random),
    at: sendTime(line) - drawDelay(random),
  })
  return (line, fixed) => ({
    ...(fixed ?? draw(line)),
    id: `tx-${String(line).padStart(9, '0')}`,
    merchant: oneOf(random, MERCHANTS),
    country: oneOf(random, COUNTRIES),
  })
}

/** Cents of a small amount, below 100.00. */
export function smallCents(random: Random): number {
  return between(random, 100, 9_999)
}

/** Cents of a large amount, above 1000.00. */
export function largeCents(random: Random): number {
  return between(random, 100_001, 1_000_000)
}

function drawCents(random: Random): number {
  const share = random()
  if (share < 0.35) return smallCents(random)
  if (share < 0.38) return largeCents(random)
  return between(random, 10_000, 100_000)
}

/** Milliseconds a line is behind: mostly few, in [0, 10 s], and for a handful in (10 s, 90 s]. */
function drawDelay(random: Random): number {
  if (random() < LATE_SHARE) return between(random, 10_001, 90_000)
  const share = random() ** 8
  return Math.round(share * 10_000)
}

/** JSON texts of a draft's fields, in the order they are written. */
export function fieldTexts(draft: Draft): Map<string, string> {
  return new Map([
    ['id', JSON.stringify(draft.id)],
    ['cardId', JSON.stringify(draft.cardId)],
    ['amount', (draft.cents / 100).toFixed(2)],
    ['merchant', JSON.stringify(draft.merchant)],
    ['country', JSON.stringify(draft.country)],
    ['at', String(draft.at)],
  ])
}

/** Joins JSON texts of fields to a JSON object on one line. */
export function joinFields(fields: ReadonlyMap<string, string>): string {
  return `{${Array.from(fields, ([name, text]) => `"${name}":${text}`).join(',')}}`
}
