import { beforeAll, describe, expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import { powertoolsLog } from '../../shared/runtime/logging.ts'
import { stageMetrics } from '../../shared/runtime/metrics.ts'
import { LambdaUnderTest } from '../lambda/harness.ts'
import { linesOf } from '../lambda/stdout.ts'
import { CANARY, eventRecord } from './case.ts'
import { corpus } from './corpus/index.ts'
import { eventOf, millisecondsOf, type Observed, observe, type StageName, stages } from './run.ts'

const PARKED_BYTES_MAX = 64 * 1024
const MILLISECONDS_MAX = 50

test('the corpus names each case once', () => {
  expect(corpus.length).toBeGreaterThan(200)
  expect(new Set(corpus.map(({ id }) => id)).size).toBe(corpus.length)
})

describe.each(Object.keys(stages) as StageName[])('%s', (stage) => {
  let undisturbed: Observed
  beforeAll(async () => {
    undisturbed = await observe(stage, undefined)
  })

  test.each(corpus.map((hostile) => [hostile.id, hostile] as const))('%s', async (_, hostile) => {
    const observed = await observe(stage, hostile)
    expect(observed.outcome).toBe(hostile[stage])
    const { read, counted, filtered, late, parked, duplicatesDropped } = observed.counts
    expect([read, counted + filtered + late + parked + duplicatesDropped]).toEqual([5, 5])
    // The rest of the batch is as if the record had never been.
    expect(observed.good).toEqual(undisturbed.good)
    expect(observed.other).toHaveLength(hostile[stage] === 'counted' ? 1 : 0)
    const result = hostile.result?.[stage]
    if (result !== undefined) expect(observed.other[0]!.value).toMatchObject(result)
    for (const entry of observed.parked) {
      expect(entry).toMatchObject({ topic: 'transactions', partition: 5, offset: 12, kind: 'record' })
      expect(entry.detail).not.toBe('')
      expect(entry.detail).not.toContain(CANARY)
      expect(JSON.stringify(entry).length).toBeLessThan(PARKED_BYTES_MAX)
    }
    expect(observed.said).not.toContain(CANARY)
  })

  test('each of them takes less than 50 ms', { timeout: 120_000 }, async () => {
    const slow: string[] = []
    for (const hostile of corpus) {
      const ms = await millisecondsOf(stage, hostile, MILLISECONDS_MAX)
      if (ms >= MILLISECONDS_MAX) slow.push(`${hostile.id}: ${Math.round(ms)} ms`)
    }
    expect(slow).toEqual([])
  })

  test('all of them in one batch, and nothing of them in what a function prints', { timeout: 60_000 }, async () => {
    const records = corpus.map(({ record }, offset) => eventRecord(offset, record))
    const seen: Observed['counts'][] = []
    const lines = await linesOf(async () => {
      const ports = { log: powertoolsLog(stages[stage].id) }
      const lambda = await LambdaUnderTest.of(processors, stages[stage].id, { ports, metrics: stageMetrics('x') })
      const { partitions } = await lambda.invoke(eventOf(...records))
      seen.push(partitions[0]!.counts)
      await lambda.invoke({ millrace: 'close-windows' })
    })
    const expected = (outcome: string) => corpus.filter((each) => each[stage] === outcome).length
    const taken = ['counted', 'filtered', 'late'].map(expected)
    expect([seen[0]!.counted, seen[0]!.filtered, seen[0]!.late]).toEqual(taken)
    expect(seen[0]!.parked).toBe(corpus.length - taken.reduce((sum, count) => sum + count))
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join('\n')).not.toContain(CANARY)
  })
})
