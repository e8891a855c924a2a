import { expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import type { InvocationContext } from '../../shared/runtime/deadline.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { minutes } from '../../shared/time.ts'
import { LambdaUnderTest, T } from './harness.ts'

const RECORDS = 1_000

/** Enough time for so many looks at the clock, then almost none. */
function hurried(looks: number): InvocationContext {
  return { awsRequestId: 'hurried', getRemainingTimeInMillis: () => (looks-- > 0 ? 60_000 : 4_999) }
}

/** A second apart each, so that they fill several windows; every tenth is large. */
function record(offset: number): KafkaEventRecord {
  const at = T + offset * 1_000
  const tx = { id: `t${offset}`, cardId: `card-${offset % 7}`, amount: offset % 10 === 0 ? 2_000 : 5 }
  const value = JSON.stringify({ ...tx, merchant: 'm', country: 'DE', at })
  const place = { topic: 'transactions', partition: 3, offset, timestamp: at, timestampType: 'CREATE_TIME' as const }
  return { ...place, key: btoa(tx.cardId), value: btoa(value), headers: [] }
}

const event = {
  eventSource: 'aws:kafka',
  records: { 'transactions-3': Array.from({ length: RECORDS }, (_, i) => record(i)) },
}

async function undisturbed(stage: string, output: string): Promise<unknown[]> {
  const lambda = await LambdaUnderTest.of(processors, stage)
  await lambda.invoke(event)
  return summary(await lambda.results(output))
}

const summary = (written: readonly { key: string | null; value: unknown }[]): unknown[] =>
  written.map(({ key, value }) => JSON.stringify([key, value])).sort()

test.each([1, 2, 5, 9, 14])(
  'a stage with state stops after %i looks at the clock, and the retry does the rest',
  async (looks) => {
    const expected = await undisturbed('card-spend', 'card-spend')
    for (const restart of [false, true]) {
      const lambda = await LambdaUnderTest.of(processors, 'card-spend')
      const failure = await lambda.invoke(event, hurried(looks)).catch((error: unknown) => error)
      const done = (failure as { facts: { done: number } }).facts.done
      expect(failure).toMatchObject({ code: 'DEADLINE', retriable: true, facts: { remainingMs: 4_999, of: RECORDS } })
      expect(done).toBeLessThan(RECORDS)
      if (looks > 2) expect(done).toBeGreaterThan(0)

      // What is done is committed and its outputs are out, before anything is tried again.
      const published = await lambda.topic('card-spend')
      expect(published.length).toBe(done > 330 ? 7 * Math.floor((done - 31) / 300) : 0)
      if (restart) lambda.restart()
      const { partitions } = await lambda.invoke(event)
      expect(partitions[0]).toMatchObject({ offset: RECORDS - 1, counts: { read: RECORDS - done } })
      expect(partitions[0]!.totals).toMatchObject({ read: RECORDS, counted: RECORDS })
      expect(summary(await lambda.results('card-spend'))).toEqual(expected)
    }
  },
)

test('a stage without state publishes what it has, and the retry repeats it under the same identities', async () => {
  const expected = await undisturbed('large-transactions', 'large-transactions')
  const lambda = await LambdaUnderTest.of(processors, 'large-transactions')
  const failure = lambda.invoke(event, hurried(2))
  await expect(failure).rejects.toMatchObject({ code: 'DEADLINE', facts: { done: 512, of: RECORDS } })
  expect(await lambda.topic('large-transactions')).toHaveLength(52)
  await lambda.invoke(event)
  expect(await lambda.topic('large-transactions')).toHaveLength(52 + 100)
  expect(summary(await lambda.results('large-transactions'))).toEqual(expected)
})

test('a deadline between two partitions leaves each at a commit of its own', async () => {
  const lambda = await LambdaUnderTest.of(processors, 'card-spend')
  const other = event.records['transactions-3'].map((each) => ({ ...each, partition: 4 }))
  const both = { ...event, records: { ...event.records, 'transactions-4': other } }
  await expect(lambda.invoke(both, hurried(12))).rejects.toMatchObject({ code: 'DEADLINE' })
  const { partitions } = await lambda.invoke(both)
  expect(partitions.map(({ offset, totals }) => [offset, totals.counted])).toEqual([
    [RECORDS - 1, RECORDS],
    [RECORDS - 1, RECORDS],
  ])
})

test('a tick that runs out of time goes on with the next one', async () => {
  const lambda = await LambdaUnderTest.of(processors, 'card-spend')
  await lambda.invoke(event)
  lambda.endAt(3, RECORDS)
  await lambda.invoke({ millrace: 'tick' })
  lambda.nowMs += minutes(30)
  await lambda.invoke({ millrace: 'tick' }, hurried(0)).catch(() => undefined)
  expect(await lambda.results('card-spend')).toHaveLength(21)
  await lambda.invoke({ millrace: 'tick' })
  expect(await lambda.results('card-spend')).toHaveLength(28)
})
