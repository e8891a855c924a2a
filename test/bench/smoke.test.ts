import { expect, it } from 'vitest'
import { decodeBare, handleAll } from '../../bench/beside-bare.ts'
import { computations } from '../../bench/broker/computations.ts'
import { newOffsets, recordsOf, transactionEvents } from '../../bench/data/events.ts'
import { PARTITIONS, transactionRecords } from '../../bench/data/transactions.ts'
import { parseOptions } from '../../bench/options.ts'
import { stageOf, TRANSACTION_PROCESSORS } from '../../bench/parts.ts'
import { Card } from '../../bench/patterns/growth.ts'
import { eightRulesStage, worstCaseStage } from '../../bench/patterns/processors.ts'
import { tableText } from '../../bench/print.ts'
import { ratios, spreadOf } from '../../bench/stats.ts'
import { commitBytes } from '../../bench/windows/bytes.ts'
import { Partition } from '../../bench/windows/growth.ts'
import { windowStages } from '../../bench/windows/processors.ts'

it('makes records of 180 bytes over all partitions', () => {
  const records = [...transactionRecords(2_000)]
  expect(new Set(records.map(({ value }) => Buffer.byteLength(value)))).toEqual(new Set([180]))
  expect(new Set(records.map(({ partition }) => partition)).size).toBe(PARTITIONS)
  expect(new Set(records.map(({ value }) => JSON.parse(value).id)).size).toBe(2_000)
})

it('cuts events whose offsets go on from one to the next', () => {
  const offsets = newOffsets()
  const events = transactionEvents({ batches: 3, records: 100, offsets })
  const first = events.flatMap(recordsOf).filter(({ partition }) => partition === 0)
  expect(first.map(({ offset }) => offset)).toEqual(first.map((_, n) => n))
  expect(offsets.reduce((sum, offset) => sum + offset, 0)).toBe(300)
})

it.each(TRANSACTION_PROCESSORS)('gives every record to the handler of %s', async (name) => {
  const events = transactionEvents({ batches: 2, records: 500 })
  expect(decodeBare(events)).toBeGreaterThan(0)
  expect(await handleAll(stageOf(name)!, events)).toMatchObject({ read: 1_000 })
})

it('computes by hand as many fraud alerts as attacks', () => {
  const alerts: string[] = []
  const { take, finish } = computations['fraud-detection']!.newComputation(0, (key) => alerts.push(key))
  const amounts = [1, 2, 3, 2_000, 1, 2, 2_000]
  for (const [n, amount] of amounts.entries())
    take({ id: String(n), cardId: 'card', amount, merchant: 'm', country: 'DE', at: 1_000 * n }, n)
  finish()
  expect(alerts).toEqual(['card'])
})

it.each([
  // Ten windows hold each; the last record closes those of the others, and finds itself an hour later.
  { name: 'bench-hopping', times: [0, 30_000, 4_000_000], results: 1 + 10, counts: [2, 1] },
  { name: 'bench-session', times: [0, 1_800_000, 900_000, 3_600_001], results: 2, counts: [3, 1] },
])('computes by hand the windows of $name', ({ name, times, results, counts }) => {
  const values: { count: number }[] = []
  const { take, finish } = computations[name]!.newComputation(0, (_, value) => values.push(value as { count: number }))
  for (const [n, at] of times.entries())
    take({ id: String(n), cardId: 'card', amount: 1, merchant: 'm', country: 'DE', at }, n)
  finish()
  expect(values).toHaveLength(results)
  expect([...new Set(values.map(({ count }) => count))]).toEqual(counts)
})

it.each([eightRulesStage, worstCaseStage])('finds patterns in every record: $id', async (stage) => {
  const events = transactionEvents({ batches: 1, records: 200 })
  expect(await handleAll(stage, events)).toMatchObject({ read: 200, parked: 0 })
})

it.each(['arrival', 'event-time'] as const)('grows a run of one card, and matches all of it: %s', (order) => {
  const card = new Card(order)
  card.growTo(1_050)
  expect(card.measure(100).journalBytesPerEvent).toBeLessThan(150)
  expect(card.match()).toEqual({ named: 1_000, more: 151 })
})

it.each(windowStages)('takes every record into windows: $what', async ({ stage }) => {
  const events = transactionEvents({ batches: 2, records: 200 })
  expect(await handleAll(stage, events)).toMatchObject({ read: 400, parked: 0 })
  const { state, stateCompressed } = commitBytes(stage, events)
  expect(stateCompressed).toBeLessThan(state)
})

it.each(['tumbling', 'session'] as const)('measures records of keys and windows that are open: %s', (kind) => {
  const partition = new Partition(kind, { keys: 7, windows: 3, perCommit: 10 })
  expect(partition.cells).toBe(21)
  partition.measure(200)
  expect(partition.cells).toBe(21)
})

it('takes the middle of what it has measured', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spreadOf([4, 1])).toEqual({ median: 2.5, min: 1, max: 4 })
  const took = (durationMs: number) => ({ durationMs, cpuMs: 1 })
  expect(ratios({ a: [took(1), took(2)], b: [took(2), took(2)] }, 'durationMs')).toEqual([0.5, 1])
})

it('refuses what it does not know', () => {
  expect(parseOptions(['journal', '--dynamodb', 'local'])).toMatchObject({ names: ['journal'], dynamodb: 'local' })
  expect(() => parseOptions(['--dynamodb', 'oracle'])).toThrow('oracle')
  expect(() => parseOptions(['--records', '0'])).toThrow('whole number')
})

it('aligns columns', () => {
  expect(tableText(['what', 'n'], [['a', '1,000']])).toBe('what      n\na     1,000')
})
