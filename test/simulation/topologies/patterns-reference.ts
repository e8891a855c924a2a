import type { InputRecord } from '../../../local/simulation/topology.ts'
import { type Circumstances, soundValue } from './records.ts'

export interface Payment {
  readonly id: string
  readonly card: string
  readonly amount: number
  readonly at: number
}

export const GRACE_MS = 5_000
export const WITHIN_MS = 20_000

/**
 * The rule for one partition: an event is late when it lies before stream time less the grace. The others of a card, in
 * event time: two small ones or more, then a large one, all less than `WITHIN_MS` apart; what a match has used up is used up.
 */
export function foldAlerts(
  records: readonly InputRecord[],
  { moments, skipped, killed }: Circumstances,
): { alerts: string[]; late: string[]; parked: number[] } {
  const late: string[] = []
  const parked: number[] = []
  const byCard = new Map<string, (Payment & { offset: number })[]>()
  let streamTime = -1
  const moveTo = (offset: number) => {
    for (const moment of moments) if (moment.offset === offset) streamTime = Math.max(streamTime, moment.timeMs)
  }
  moveTo(-1)
  for (const [offset, record] of records.entries()) {
    if (!skipped.has(offset)) take(record, offset)
    moveTo(offset)
  }
  return { alerts: [...byCard.values()].flatMap(alertsOf), late, parked }

  function take(record: InputRecord, offset: number): void {
    const payment = soundValue<Payment>(record, ({ card }) => card)
    if (payment === undefined || killed.has(offset)) {
      parked.push(offset)
      return
    }
    streamTime = Math.max(streamTime, payment.at)
    if (payment.at < streamTime - GRACE_MS) late.push(payment.id)
    else byCard.set(payment.card, [...(byCard.get(payment.card) ?? []), { ...payment, offset }])
  }
}

function alertsOf(events: readonly (Payment & { offset: number })[]): string[] {
  const alerts: string[] = []
  let smalls: Payment[] = []
  for (const event of events.toSorted((a, b) => a.at - b.at || a.offset - b.offset)) {
    smalls = smalls.filter(({ at }) => event.at - at < WITHIN_MS)
    if (event.amount < 6) smalls.push(event)
    if (event.amount > 9 && smalls.length >= 2) {
      alerts.push(JSON.stringify({ card: event.card, ids: [...smalls, event].map(({ id }) => id) }))
      smalls = []
    }
  }
  return alerts
}
