import { between, type Random } from './random.ts'
import type { Fixed } from './transaction-lines.ts'
import { BASE_TIME_MS, cardName, LINES_PER_SECOND, largeCents, smallCents } from './transaction-lines.ts'

const CARD_SHARE = 0.001
const LONGEST_SEQUENCE_MS = 290_000
const LONGEST_DELAY_MS = 9_000

/** What to plan for: number of lines and cards, and the lines that are not to be had. */
export interface PlanOptions {
  readonly records: number
  readonly cards: number
  readonly broken: ReadonlySet<number>
  readonly random: Random
}

/**
 * Places the fraud sequences: 3 to 6 small amounts, then a large one less than 5 minutes after the first,
 * on 0.1 % of the cards, taken from the cold half so that little else happens on them. The lines of a
 * sequence arrive up to 9 s behind their event time, hence sometimes out of order, but never late.
 * Returns the fixed fields by line index.
 */
export function planFraud(options: PlanOptions): Map<number, Fixed> {
  const plan = new Map<number, Fixed>()
  for (const card of fraudCards(options)) {
    for (const fixed of sequence(card, options)) plan.set(freeLine(fixed.at, plan, options), fixed)
  }
  return plan
}

function fraudCards({ records, cards, broken, random }: PlanOptions): Set<number> {
  const room = Math.floor((records - broken.size) / 20)
  const wanted = Math.min(Math.max(1, Math.round(cards * CARD_SHARE)), room)
  const chosen = new Set<number>()
  while (chosen.size < wanted) chosen.add(between(random, cards >> 1, cards - 1))
  return chosen
}

function sequence(card: number, { records, random }: PlanOptions): Fixed[] {
  const cardId = cardName(card)
  const smalls = between(random, 3, 6)
  const fileMs = (records * 1000) / LINES_PER_SECOND
  const longestGap = Math.floor(Math.min(LONGEST_SEQUENCE_MS, fileMs / 2) / smalls)
  let at = BASE_TIME_MS + Math.floor((random() * fileMs) / 2)
  const lines: Fixed[] = []
  for (let n = 0; n < smalls; n++) {
    lines.push({ cardId, cents: smallCents(random), at })
    at += 1 + Math.floor(random() * longestGap)
  }
  lines.push({ cardId, cents: largeCents(random), at })
  return lines
}

/** The first line not taken at or after the event time plus a delay; goes on from the file's start. */
function freeLine(at: number, plan: ReadonlyMap<number, Fixed>, options: PlanOptions): number {
  const { records, broken, random } = options
  const delay = random() ** 2 * LONGEST_DELAY_MS
  let line = Math.ceil(((at - BASE_TIME_MS + delay) * LINES_PER_SECOND) / 1000)
  line = Math.min(line, records - 1)
  while (plan.has(line) || broken.has(line)) line = (line + 1) % records
  return line
}
