import * as z from 'zod'
import { transactions } from '../../functions/topics.ts'
import {
  count,
  hopping,
  mean,
  minutes,
  type Processor,
  plan,
  processor,
  type Stage,
  seconds,
  session,
  sliding,
  sum,
  topic,
  tumbling,
} from '../../shared/processor/index.ts'

interface Spend {
  readonly count: number
  readonly total: number
  readonly mean: number | null
}
const spends = topic('bench-spends', { schema: z.custom<Spend>() })

const keyed = (name: string) => processor(`bench-${name}`).from(transactions).keyBy()
const aggregates = { count: count(), total: sum((tx: Tx) => tx.amount), mean: mean((tx: Tx) => tx.amount) }
interface Tx {
  readonly amount: number
}
const GRACE = seconds(30)
const stageOf = (of: Processor): Stage => plan([of]).stages[0]!

/** One stage for each kind of window, and the ratio that it is to reach. */
export const windowStages: readonly { readonly stage: Stage; readonly what: string; readonly aim: number }[] = [
  {
    what: 'tumbling 5 min',
    aim: 0.45,
    stage: stageOf(
      keyed('tumbling')
        .window(tumbling(minutes(5)).grace(GRACE))
        .aggregate(aggregates)
        .to(spends),
    ),
  },
  {
    what: 'hopping 10 min by 1 min',
    aim: 0.15,
    stage: stageOf(
      keyed('hopping')
        .window(hopping(minutes(10), { advance: minutes(1) }).grace(GRACE))
        .aggregate(aggregates)
        .to(spends),
    ),
  },
  {
    what: 'session 30 min',
    aim: 0.35,
    stage: stageOf(
      keyed('session')
        .window(session({ gap: minutes(30) }).grace(GRACE))
        .aggregate(aggregates)
        .to(spends),
    ),
  },
  {
    what: 'sliding 5 min',
    aim: 0.2,
    stage: stageOf(
      keyed('sliding')
        .window(sliding(minutes(5)).grace(GRACE))
        .aggregate(aggregates)
        .to(spends),
    ),
  },
]
