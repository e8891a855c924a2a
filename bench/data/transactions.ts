import { partitionFor } from '../../shared/sinks/partitioner.ts'
import { mulberry32 } from '../../test/reference/random.ts'
import { type Draft, drafter, fieldTexts, joinFields } from '../../test/reference/transaction-lines.ts'

/** Partitions of the topic `transactions`. */
export const PARTITIONS = 12
const CARDS = 50_000
const SEED = 1
const VALUE_BYTES = 180
const ID_CHARACTERS = 36

/** One record of the topic `transactions`: its value is JSON of about 180 bytes of UTF-8. */
export interface TransactionRecord {
  readonly key: string
  readonly value: string
  readonly partition: number
  /** Event time, epoch ms. */
  readonly at: number
}

/** Transactions over 50,000 cards, a few of which are hot: 1,700 per second of event time, up to 10 s out of order. */
export function* transactionRecords(count: number, firstLine = 0): Generator<TransactionRecord> {
  const draft = drafter(CARDS, mulberry32(SEED + firstLine))
  for (let line = firstLine; line < firstLine + count; line++) yield recordOf(draft(line))
}

function recordOf(draft: Draft): TransactionRecord {
  return {
    key: draft.cardId,
    value: padded(draft),
    partition: partitionFor(draft.cardId, PARTITIONS),
    at: draft.at,
  }
}

/** Ids as long as UUIDs, and a merchant with an address, as they are in real traffic. */
function padded(draft: Draft): string {
  const fields = fieldTexts({ ...draft, id: `${draft.id}-${tailOf(draft.id)}`.slice(0, ID_CHARACTERS) })
  const missing = VALUE_BYTES - Buffer.byteLength(joinFields(fields))
  const address = `, Terminal ${draft.id.slice(-4)}, Long Street`.padEnd(missing, '.').slice(0, Math.max(0, missing))
  fields.set('merchant', JSON.stringify(draft.merchant + address))
  return joinFields(fields)
}

/** Hexadecimal digits that do not repeat from one id to the next. */
function tailOf(id: string): string {
  const random = mulberry32(Number(id.slice(3)))
  return Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(16)).join('')
}
