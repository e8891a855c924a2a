import { count, mean, minutes, processor, seconds, sum, tumbling } from '#millrace'
import { cardSpend, transactions } from './topics.ts'

/** What each card spends in five minutes, put out once the window has closed. */
export const cardSpendProcessor = processor('card-spend')
  .from(transactions)
  .keyBy()
  .window(tumbling(minutes(5)).grace(seconds(30)))
  .aggregate({ count: count(), total: sum((tx) => tx.amount), mean: mean((tx) => tx.amount) })
  .emit('final')
  .to(cardSpend)
