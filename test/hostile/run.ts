import { processors } from '../../functions/index.ts'
import type { Counts, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { LambdaUnderTest, T, type Written } from '../lambda/harness.ts'
import { AT, eventRecord, type HostileCase, type Outcome, tx } from './case.ts'

/** The stages that the corpus goes through. */
export const stages = {
  cardSpend: { id: 'card-spend', output: 'card-spend' },
  largeTransactions: { id: 'large-transactions', output: 'large-transactions' },
  fraudDetection: { id: 'fraud-detection', output: 'fraud-alerts' },
} as const
export type StageName = keyof typeof stages
/** What must become of the case in the stage. */
export const outcomeIn = (stage: StageName, hostile: HostileCase): Outcome => hostile[stage] ?? hostile.cardSpend

const PLACE = 12

const good = (offset: number, cardId: string, amount: number, afterMs: number): KafkaEventRecord =>
  eventRecord(offset, {
    key: cardId,
    value: JSON.stringify(tx({ id: 'good', cardId, amount, at: T + afterMs })),
    timestamp: AT + afterMs,
  })

// On good-4 there is an attack, which goes on behind the hostile record: late enough for one that is 60 s ahead.
const before = [
  good(7, 'good-1', 1_500, 1_000),
  good(8, 'good-2', 30, 2_000),
  good(9, 'good-4', 10, 2_500),
  good(10, 'good-4', 20, 2_600),
  good(11, 'good-4', 30, 2_700),
]
const after = [good(13, 'good-1', 70, 61_000), good(14, 'good-3', 9_000, 62_000), good(15, 'good-4', 8_000, 63_000)]
/** How many there are with the hostile one. */
export const RECORDS = before.length + 1 + after.length
const fates = ['counted', 'filtered', 'late'] as const

export const eventOf = (...records: readonly KafkaEventRecord[]): object => ({
  eventSource: 'aws:kafka',
  records: { 'transactions-5': records },
})

/** What the hostile record came to, between good ones, and what all came to. */
export interface Observed {
  readonly outcome: Outcome | 'lost'
  readonly counts: Counts
  readonly parked: readonly ParkedRecord[]
  /** What the good records put out. */
  readonly good: readonly string[]
  /** What else was put out. */
  readonly other: readonly Written[]
  /** Everything that was said of it: logs and errors. */
  readonly said: string
}

/** Sends the case through the stage between good records, starts anew, sends it again and closes all windows. */
export async function observe(stage: StageName, hostile: HostileCase | undefined): Promise<Observed> {
  const { id, output } = stages[stage]
  const lambda = await LambdaUnderTest.of(processors, id)
  const record = hostile === undefined ? [] : [eventRecord(PLACE, hostile.record)]
  const event = eventOf(...before, ...record, ...after)
  const { partitions } = await lambda.invoke(event)
  lambda.restart()
  await lambda.invoke(event)
  await lambda.invoke({ millrace: 'close-windows' })
  const results = await lambda.results(output)
  const isGood = ({ key }: Written) => key?.startsWith('good-') === true
  const { counts } = partitions[0]!
  return {
    outcome: outcomeOf(stage, counts, await lambda.parked()),
    counts,
    parked: await lambda.parked(),
    good: results
      .filter(isGood)
      .map(({ identity: _, ...rest }) => JSON.stringify(rest))
      .sort(),
    other: results.filter((each) => !isGood(each)),
    said: JSON.stringify(lambda.logged),
  }
}

function outcomeOf(stage: StageName, counts: Counts, parked: readonly ParkedRecord[]): Outcome | 'lost' {
  if (parked.length > 0) return parked[0]!.reason as Outcome
  const filtered = stage === 'largeTransactions' ? [...before, ...after].length - 3 : 0
  const ofGood = { counted: [...before, ...after].length - filtered, filtered, late: 0 }
  return fates.find((fate) => counts[fate] > ofGood[fate]) ?? 'lost'
}

/** CPU time of this thread, in ms: what else runs on the machine, or waits, does not count. */
export async function cpuMillisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

/** How long the record alone takes: the best of three, since the first may meet code that is not compiled yet. */
export async function millisecondsOf(stage: StageName, hostile: HostileCase): Promise<number> {
  const event = eventOf(eventRecord(PLACE, hostile.record))
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3; attempt++) {
    const lambda = await LambdaUnderTest.of(processors, stages[stage].id)
    best = Math.min(best, await cpuMillisecondsOf(() => lambda.invoke(event)))
  }
  return best
}
