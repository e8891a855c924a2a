import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttemptRules,
  afterAttempt,
  byAge,
  firstOpen,
  newWork,
  pauseAfterMs,
  retriesMaxOf,
  type Work,
} from '../../../../local/emulator/rules/attempts.ts'
import { namesOf, recordAt, recordsOf } from '../record.ts'

const rules: AttemptRules = { retriesMax: 2, bisect: false, bisectAttempts: 'free', partialWithBisect: 'together' }
const batch = newWork([...recordsOf(0, 0, 3), ...recordsOf(1, 0, 2)])
const open = (works: readonly Work[]) => works.map(({ records }) => namesOf(records).join(' '))

describe('after an attempt', () => {
  it('that succeeded nothing is left', () => {
    expect(afterAttempt(batch, { kind: 'success' }, rules)).toEqual({ exhausted: [], again: [] })
  })

  it.each(['error', 'invalid'] as const)('that ended in %s all is tried again', (kind) => {
    const { exhausted, again } = afterAttempt(batch, { kind }, rules)
    expect(exhausted).toEqual([])
    expect(again).toEqual([{ ...batch, attempts: 1, failures: 1, invocations: 1 }])
  })

  it('that named failures only those are tried again', () => {
    const failed = [batch.records[1]!, batch.records[4]!]
    expect(open(afterAttempt(batch, { kind: 'partial', failed }, rules).again)).toEqual(['0:1 1:1'])
  })

  it('that was throttled all is tried again, and no attempt is used up', () => {
    let work = batch
    for (let n = 1; n <= 50; n++) {
      work = afterAttempt(work, { kind: 'throttled' }, rules).again[0]!
      expect(work).toEqual({ ...batch, attempts: 0, failures: n, invocations: 0 })
    }
  })

  it.each([0, 1, 10])('the last of 1 and %i more, what failed is given up', (retriesMax) => {
    let made = 0
    for (let work: Work | undefined = batch; work; made++) {
      const { exhausted, again } = afterAttempt(work, { kind: 'error' }, { ...rules, retriesMax })
      work = again[0]
      expect(exhausted).toEqual(work ? [] : batch.records)
    }
    expect(made).toBe(retriesMax + 1)
  })
})

describe('a batch is split', () => {
  const splits = { ...rules, bisect: true }
  const failed = batch.records.slice(1)

  it('in two by offset, the first half first, after an error', () => {
    expect(open(afterAttempt(batch, { kind: 'error' }, splits).again)).toEqual(['0:0 0:1 0:2', '1:0 1:1'])
  })

  it('not after failures that were named, unless the switch says so', () => {
    const outcome = { kind: 'partial', failed } as const
    expect(open(afterAttempt(batch, outcome, splits).again)).toEqual(['0:1 0:2 1:0 1:1'])
    const both = { ...splits, partialWithBisect: 'split' } as const
    expect(open(afterAttempt(batch, outcome, both).again)).toEqual(['0:1 0:2', '1:0 1:1'])
  })

  it('not after an answer that cannot be read, and not when it has one record', () => {
    expect(afterAttempt(batch, { kind: 'invalid' }, splits).again).toHaveLength(1)
    expect(afterAttempt(newWork(recordsOf(0, 0, 1)), { kind: 'error' }, splits).again).toHaveLength(1)
  })

  it('without using up an attempt, unless the switch says so', () => {
    const none = { ...splits, retriesMax: 0 }
    expect(afterAttempt(batch, { kind: 'error' }, none).again.map(({ attempts }) => attempts)).toEqual([0, 0])
    const counts = { ...none, bisectAttempts: 'counts' } as const
    expect(afterAttempt(batch, { kind: 'error' }, counts).exhausted).toEqual(batch.records)
  })

  it('until each bad record is alone: those are given up and no others, in order of their offsets', () => {
    const cases = fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      bad: fc.uniqueArray(fc.integer({ min: 0, max: 39 })),
      retriesMax: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(cases, ({ size, bad, retriesMax }) => {
        const isBad = ({ offset }: { offset: number }): boolean => bad.includes(offset)
        const succeeded: number[] = []
        const givenUp: number[] = []
        let works: readonly Work[] = [newWork(recordsOf(0, 0, size))]
        while (works.length > 0) {
          const [work, ...rest] = works
          const kind = work!.records.some(isBad) ? 'error' : 'success'
          const { exhausted, again } = afterAttempt(work!, { kind }, { ...splits, retriesMax })
          if (kind === 'success') succeeded.push(...work!.records.map(({ offset }) => offset))
          givenUp.push(...exhausted.map(({ offset }) => offset))
          works = [...again, ...rest]
        }
        const all = recordsOf(0, 0, size)
        expect(givenUp).toEqual(all.filter(isBad).map(({ offset }) => offset))
        expect(succeeded).toEqual(all.filter((each) => !isBad(each)).map(({ offset }) => offset))
      }),
    )
  })
})

describe('the maximum of attempts after the first', () => {
  it.each([
    [-1, 1, false, Number.POSITIVE_INFINITY],
    [-1, 1, true, 10],
    [0, 1, true, 0],
    [500, 1, true, 500],
    [-1, 0, true, Number.POSITIVE_INFINITY],
  ])('set to %i, with %i pollers, a destination (%s), is %i', (retriesMax, pollersMax, hasDestination, expected) => {
    expect(retriesMaxOf({ retriesMax, pollersMax }, hasDestination)).toBe(expected)
  })
})

it('a record is too old once it is older than it may be, by its own timestamp', () => {
  const records = [39_999, 40_000, 99_000].map((timestampMs, offset) => recordAt(0, offset, { timestampMs }))
  const { old, young } = byAge(records, 100_000, 60_000)
  expect([namesOf(old), namesOf(young)]).toEqual([['0:0'], ['0:1', '0:2']])
  expect(byAge(records, 1e15, -1)).toEqual({ old: [], young: records })
})

it('pauses double up to their maximum', () => {
  const settings = { retryFirstMs: 100, retryMaxMs: 1_000 }
  expect([1, 2, 3, 4, 5, 2_000].map((n) => pauseAfterMs(n, settings))).toEqual([100, 200, 400, 800, 1_000, 1_000])
})

it('of each partition the first open record is what a commit may not pass', () => {
  const works = [newWork([recordAt(0, 7), recordAt(2, 4)]), newWork([recordAt(0, 3)])]
  expect([...firstOpen(works)]).toEqual([
    [0, 3],
    [2, 4],
  ])
})
