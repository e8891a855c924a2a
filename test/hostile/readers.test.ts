import { describe, expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import type { Counts, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { LambdaUnderTest, T } from '../lambda/harness.ts'
import { type Reader, type ReaderCase, readers } from './readers.ts'
import { cpuMillisecondsOf } from './run.ts'

const MILLISECONDS_MAX = 50
const fates = ['counted', 'filtered', 'late', 'duplicatesDropped'] as const

/** The hostile record in the middle of the good ones; undefined: none. */
async function observe(reader: Reader, hostile?: ReaderCase) {
  const lambda = await LambdaUnderTest.of(processors, reader.stage)
  const topic = lambda.stage.source.name
  const base64 = (text: string | null) => (text === null ? null : Buffer.from(text).toString('base64'))
  const record = (
    offset: number,
    { key, value, headers = [] }: Omit<ReaderCase, 'id' | 'outcome'>,
  ): KafkaEventRecord => ({
    topic,
    partition: 0,
    offset,
    timestamp: T + 4_000,
    timestampType: 'CREATE_TIME',
    key: base64(key),
    value: base64(value),
    headers,
  })
  const middle = reader.good.length / 2
  const records = reader.good.map((each, n) => record(n < middle ? n : n + 1, each))
  if (hostile !== undefined) records.splice(middle, 0, record(middle, hostile))
  const { partitions } = await lambda.invoke({ records: { x: records } })
  await lambda.invoke({ millrace: 'close-windows' })
  const written = await Promise.all(reader.topics.map((name) => lambda.results(name)))
  const parked = await lambda.parked()
  return {
    counts: partitions[0]!.counts,
    parked,
    said: JSON.stringify(lambda.logged),
    of: (key: (key: string | null) => boolean) => [
      ...written
        .flat()
        .filter((each) => key(each.key))
        .map(({ key, value }) => JSON.stringify([key, value])),
      ...reader.tables
        .flatMap((name) => lambda.tables.rows(name))
        .filter((each) => key(each.key))
        .map(({ key, value }) => JSON.stringify([key, value])),
    ],
    lambda,
    event: { records: { x: hostile === undefined ? [] : [record(0, hostile)] } },
  }
}

function outcomeOf(counts: Counts, undisturbed: Counts, parked: readonly { readonly reason: string }[]): string {
  return parked[0]?.reason ?? fates.find((fate) => counts[fate] > undisturbed[fate]) ?? 'lost'
}

test('each case has a name of its own', () => {
  const ids = readers.flatMap(({ cases }) => cases.map(({ id }) => id))
  expect(ids.length).toBeGreaterThan(150)
  expect(new Set(ids).size).toBe(ids.length)
})

describe.each(readers.map((reader) => [reader.stage, reader] as const))('%s', (_, reader) => {
  test.each(reader.cases.map((each) => [each.id, each] as const))('%s', async (_, hostile) => {
    const [undisturbed, observed] = [await observe(reader), await observe(reader, hostile)]
    expect(outcomeOf(observed.counts, undisturbed.counts, observed.parked)).toBe(hostile.outcome)
    expect(observed.counts.read).toBe(reader.good.length + 1)
    // What is parked is as if it had never been; what is taken leaves other keys alone.
    const others = (key: string | null) => observed.parked.length > 0 || key === 'good'
    expect(observed.of(others)).toEqual(undisturbed.of(others))
    expect(undisturbed.of(others).length).toBeGreaterThan(0)
  })

  test('each of them takes less than 50 ms', { timeout: 60_000 }, async () => {
    for (const hostile of reader.cases) {
      let best = Number.POSITIVE_INFINITY
      for (let attempt = 0; attempt < 3 && best >= MILLISECONDS_MAX; attempt++) {
        const { event } = await observe(reader, hostile)
        const fresh = await LambdaUnderTest.of(processors, reader.stage)
        best = Math.min(best, await cpuMillisecondsOf(() => fresh.invoke(event)))
      }
      expect(best, hostile.id).toBeLessThan(MILLISECONDS_MAX)
    }
  })
})
