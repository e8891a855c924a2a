import { z } from 'zod'
import {
  calendar,
  count,
  countDistinct,
  everyRecords,
  global,
  hopping,
  hours,
  lastRecords,
  max,
  minutes,
  type Processor,
  processor,
  seconds,
  session,
  sliding,
  sum,
  table,
  topic,
  tumbling,
  unlimited,
} from '#millrace'
import { NOON_MS } from './day.ts'

export const PARTITIONS = 4
export const TIME_ZONE = 'Europe/Berlin'
const GRACE = seconds(10)

const payments = topic('payments', {
  schema: z.object({ id: z.string(), cardId: z.string(), amount: z.number(), merchant: z.string(), at: z.number() }),
  key: (payment) => payment.cardId,
  time: (payment) => payment.at,
  partitions: PARTITIONS,
})
const windowed = z.object({
  key: z.string(),
  window: z.object({ start: z.number(), end: z.number() }),
  count: z.number(),
  cents: z.number(),
  largest: z.number().nullable(),
  merchants: z.object({ count: z.number(), exact: z.boolean() }),
})
export type Result = z.infer<typeof windowed>

const from = (name: string) => processor(name).from(payments).keyBy()
// Keyed like the source: what comes of a source partition stands in the partition of the same number, in its order.
const to = (name: string) =>
  topic(`out-${name}`, { schema: windowed, key: (result) => result.key, partitions: PARTITIONS })
const spec = {
  count: count(),
  cents: sum((payment: Payment) => Math.round(payment.amount * 100), { exact: 'integer' }),
  largest: max((payment: Payment) => payment.amount),
  merchants: countDistinct((payment: Payment) => payment.merchant),
} as const
interface Payment {
  readonly amount: number
  readonly merchant: string
}

/** One processor for each kind of window, named after it; each writes to `out-NAME`. */
export const processors: readonly Processor[] = [
  from('tumbling')
    .window(tumbling(minutes(5)).grace(GRACE))
    .aggregate(spec)
    .to(to('tumbling')),
  from('hopping')
    .window(hopping(minutes(10), { advance: minutes(1) }).grace(GRACE))
    .aggregate(spec)
    .to(to('hopping')),
  from('sliding')
    .window(sliding(minutes(5)).grace(GRACE))
    .aggregate(spec)
    .to(to('sliding')),
  from('session')
    .window(session({ gap: minutes(5) }).grace(GRACE))
    .aggregate(spec)
    .to(to('session')),
  from('calendar')
    .window(calendar('day', { timeZone: TIME_ZONE }).grace(GRACE))
    .aggregate(spec)
    .to(to('calendar')),
  from('unlimited')
    .window(unlimited({ from: NOON_MS }))
    .aggregate(spec)
    .emit('updates', { every: hours(1) })
    .to(to('unlimited')),
  from('every-records')
    .window(everyRecords(10, { within: minutes(30) }))
    .aggregate(spec)
    .to(to('every-records')),
  from('last-records')
    .window(lastRecords(20, { every: 5 }))
    .aggregate(spec)
    .to(to('last-records')),
  from('global')
    .window(global({ afterRecords: 50, every: hours(1) }))
    .aggregate(spec)
    .to(to('global')),
]

/** Sessions as rows that are put, deleted and put again while they grow together. */
export const sessionRows = table<Result>('session-rows')
export const sessionTable: Processor = from('session-table')
  .window(session({ gap: minutes(5) }).grace(GRACE))
  .aggregate(spec)
  .emit('updates', { every: minutes(1) })
  .to(sessionRows)
