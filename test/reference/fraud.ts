import { toCents } from './card-spend.ts'
import type { Transaction } from './judge.ts'

/** Milliseconds an event may be behind its partition's stream time. */
export const FRAUD_GRACE_MS = 10_000

/** Milliseconds after which a small amount no longer counts: it counts in [at, at + 5 minutes). */
export const SMALLS_KEPT_MS = 300_000

const SMALL_BELOW = 100
const LARGE_ABOVE = 1_000
const SMALLS_NEEDED = 3

/** An event of a card: `offset` in its partition, `at` in epoch milliseconds. */
export interface CardEvent {
  readonly offset: number
  readonly id: string
  readonly amount: number
  readonly at: number
}

/** An alert: the small amounts and the large one after them; `total` is the sum of them all. */
export interface FraudAlert {
  readonly key: string
  readonly value: {
    readonly rule: 'small-then-large'
    readonly cardId: string
    readonly total: number
    readonly events: readonly ({ step: 'small' | 'large'; partition: number } & CardEvent)[]
  }
  readonly timestamp: number
}

/** Runs the rule over the events of one card, given in any order. */
export function* findAlerts(cardId: string, partition: number, events: CardEvent[]): Generator<FraudAlert> {
  let smalls: CardEvent[] = []
  for (const event of events.toSorted((a, b) => a.at - b.at || a.offset - b.offset)) {
    smalls = smalls.filter((small) => event.at - small.at < SMALLS_KEPT_MS)
    if (event.amount < SMALL_BELOW) smalls.push(event)
    if (event.amount > LARGE_ABOVE && smalls.length >= SMALLS_NEEDED) {
      yield alert(cardId, partition, smalls, event)
      smalls = []
    }
  }
}

function alert(cardId: string, partition: number, smalls: CardEvent[], large: CardEvent): FraudAlert {
  const step = (name: 'small' | 'large', { offset, id, amount, at }: CardEvent) => {
    return { step: name, partition, offset, id, amount, at }
  }
  const cents = [...smalls, large].reduce((sum, { amount }) => sum + toCents(amount), 0)
  const events = [...smalls.map((small) => step('small', small)), step('large', large)]
  const value = { rule: 'small-then-large' as const, cardId, total: cents / 100, events }
  return { key: cardId, value, timestamp: large.at }
}

/** The events of one partition, kept until the end of the input. */
export class FraudEvents {
  /** Records dropped because they were too far behind. */
  late = 0
  readonly #byCard = new Map<string, CardEvent[]>()

  /** Keeps a record's event, or counts it as late; `streamTime` includes the record. */
  add({ cardId, id, amount, at }: Transaction, offset: number, streamTime: number): void {
    if (at < streamTime - FRAUD_GRACE_MS) {
      this.late++
      return
    }
    // An amount between the two changes nothing: smalls expire at the next large one just the same.
    if (amount >= SMALL_BELOW && amount <= LARGE_ABOVE) return
    const events = this.#byCard.get(cardId)
    if (events === undefined) this.#byCard.set(cardId, [{ offset, id, amount, at }])
    else events.push({ offset, id, amount, at })
  }

  /** The alerts of all the cards of the partition. */
  *alerts(partition: number): Generator<FraudAlert> {
    for (const [cardId, events] of this.#byCard) yield* findAlerts(cardId, partition, events)
  }
}
