import { beforeAll, describe, expect, it } from 'vitest'
import { PARKED_TOPIC } from '#millrace'
import { physicalTable } from '../../shared/processor/table.ts'
import { Rig } from '../runtime/rig.ts'
import { dayOfPayments, NOON_MS } from './day.ts'
import { PARTITIONS, processors, type Result, sessionRows, sessionTable } from './processors.ts'
import {
  type Arrived,
  arrived,
  type Bounds,
  type Expected,
  fixed,
  inOrder,
  lineOf,
  sessions,
  sliding,
} from './reference.ts'
import { everyRecords, global, lastRecords, unlimited } from './reference-by-number.ts'
import { replay, written } from './replay.ts'

const RECORDS = Number(process.env.REPLAY_RECORDS ?? 50_000)
const SEED = 7
const MINUTE_MS = 60_000
const GRACE_MS = 10_000
const TIMEOUT_MS = 300_000

const starts = (at: number, sizeMs: number, advanceMs: number): Bounds[] => {
  const last = Math.floor(at / advanceMs) * advanceMs
  const all: Bounds[] = []
  for (let start = last; start + sizeMs > at; start -= advanceMs) all.unshift([start, start + sizeMs])
  return all
}
// Midnights in Berlin around the day on which clocks go from UTC+1 to UTC+2.
const midnights = [
  '2026-03-28T00:00+01:00',
  '2026-03-29T00:00+01:00',
  '2026-03-30T00:00+02:00',
  '2026-03-31T00:00+02:00',
]
const dayAt = (at: number): Bounds[] => {
  const times = midnights.map((text) => Date.parse(text))
  return times.flatMap((start, i) =>
    at >= start && at < (times[i + 1] ?? 0) ? [[start, times[i + 1]!] as Bounds] : [],
  )
}

const rules: Record<string, (list: readonly Arrived[]) => Expected> = {
  tumbling: (list) => fixed(list, (at) => starts(at, 5 * MINUTE_MS, 5 * MINUTE_MS), GRACE_MS),
  hopping: (list) => fixed(list, (at) => starts(at, 10 * MINUTE_MS, MINUTE_MS), GRACE_MS),
  sliding: (list) => sliding(list, 5 * MINUTE_MS, GRACE_MS),
  session: (list) => sessions(list, 5 * MINUTE_MS, GRACE_MS),
  calendar: (list) => fixed(list, dayAt, GRACE_MS),
  unlimited: (list) => unlimited(list, NOON_MS, 60 * MINUTE_MS),
  'every-records': (list) => everyRecords(list, 10, 30 * MINUTE_MS),
  'last-records': (list) => lastRecords(list, 20, 5),
  global: (list) => global(list, 50, 60 * MINUTE_MS),
}

const lineOfResult = ({ value, timeMs }: { value: unknown; timeMs: number }): string => {
  const { key, window, count, cents, largest, merchants } = value as Result
  return `${key} ${window.start}..${window.end} ${count} ${cents} ${largest} ${merchants.count} @${timeMs}`
}

describe(`a day of ${RECORDS} transactions through every kind of window`, () => {
  let rig: Rig
  let days: Arrived[][]

  beforeAll(async () => {
    rig = await Rig.of([...processors, sessionTable], { settings: { ring: 32, buckets: 2, commitBytesMax: 64 * 1024 } })
    const payments = dayOfPayments(SEED, RECORDS, PARTITIONS)
    for (const [partition, list] of payments.entries())
      for (const payment of list) rig.append('payments', partition, payment.cardId, payment)
    days = payments.map(arrived)
  })

  it('has cards with hundreds of records, and records that come when stream time is far ahead', () => {
    const late = days.flat().filter(({ at, now }) => now - at > GRACE_MS)
    expect(late.length).toBeGreaterThan(RECORDS / 20)
    const first = days.flat().filter(({ cardId }) => cardId === 'card-000')
    expect(first.length).toBeGreaterThan(RECORDS / 20)
  })

  it.each(Object.entries(rules))(
    '%s: record for record what the batch says, in its order, and each record counted once',
    async (name, rule) => {
      const { counts, kills } = await replay(rig, name, SEED)
      const expected = days.map(rule)
      const got = await written(rig, `out-${name}`)
      for (const [partition, { outcomes }] of expected.entries())
        expect(got[partition]!.map(lineOfResult)).toEqual(inOrder(outcomes).map(lineOf))
      const total = (fate: 'late' | 'lateWindows' | 'filtered') => expected.reduce((sum, each) => sum + each[fate], 0)
      expect(counts).toMatchObject({
        read: RECORDS,
        counted: RECORDS - total('late') - total('filtered'),
        late: total('late'),
        lateWindows: total('lateWindows'),
        filtered: total('filtered'),
        emitted: expected.reduce((sum, { outcomes }) => sum + outcomes.length, 0),
        parked: 0,
      })
      expect(kills).toBeGreaterThan(3)
      expect(await rig.read(PARKED_TOPIC)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'session, as rows that are put and deleted on the way: those that stay are the sessions',
    async () => {
      await replay(rig, 'session-table', SEED)
      const rows = rig.tables.rows(physicalTable(sessionRows.name, 1)).filter(({ value }) => value !== null)
      const got = rows.map(({ value, timeMs }) => lineOfResult({ value: JSON.parse(value!), timeMs }))
      const expected = days.flatMap((list) => rules.session!(list).outcomes.map(lineOf))
      expect(got.sort()).toEqual(expected.sort())
    },
    TIMEOUT_MS,
  )
})
