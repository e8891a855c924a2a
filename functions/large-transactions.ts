import { processor } from '#millrace'
import { largeTransactions, transactions } from './topics.ts'

/** Transactions above 1,000. */
export const largeTransactionsProcessor = processor('large-transactions')
  .from(transactions)
  .filter((tx) => tx.amount > 1_000)
  .to(largeTransactions)
