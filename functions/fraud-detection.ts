import { minutes, processor, seconds } from '#millrace'
import { fraudAlerts, transactions } from './topics.ts'

/** Card testing: at least three small payments, then a large one, all within five minutes. One alert per attack. */
export const fraudDetection = processor('fraud-detection')
  .from(transactions)
  .keyBy()
  .detect(
    (p) =>
      p
        .order('event-time', { grace: seconds(10) })
        .begin('small', (tx) => tx.amount < 100)
        .atLeast(3)
        .followedBy('large', (tx) => tx.amount > 1_000)
        .within(minutes(5))
        .skip('past-last-event'),
    (match) => ({
      rule: 'small-then-large',
      cardId: match.key,
      total: match.all().reduce((cents, { value }) => cents + Math.round(value.amount * 100), 0) / 100,
      events: match.all().map(({ step, partition, offset, value }) => ({
        step,
        partition,
        offset,
        id: value.id,
        amount: value.amount,
        at: value.at,
      })),
    }),
  )
  .to(fraudAlerts)
