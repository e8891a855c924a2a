import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { reportText } from '../../../local/cli/report.ts'
import type { ProcessorSummary, Summary } from '../../../local/run/summary.ts'

const processor: ProcessorSummary = {
  read: 1_000_000,
  counted: 999_000,
  filtered: 0,
  late: 800,
  parked: 100,
  duplicatesDropped: 100,
  lateWindows: 0,
  partialMatchesDropped: 0,
  keptEventsDropped: 0,
  emitted: 52_341,
  batches: 200,
  commits: 2_400,
  openTimers: 0,
  dynamodb: { reads: 48, writes: 2_700, readUnits: 24, writeUnits: 90_000 },
  batchMs: { p50: 12.34, p99: 98.76 },
}
const summary = (changes: Partial<ProcessorSummary> = {}, problems: string[] = []): Summary => ({
  processors: { 'large-transactions': processor, 'card-spend': { ...processor, ...changes } },
  produced: 1_000_000,
  elapsedMs: 61_000,
  recordsPerSecond: 33_000,
  peakRssBytes: 600 * 2 ** 20,
  problems,
})
const lines = (...given: Parameters<typeof reportText>): string[] =>
  stripVTControlCharacters(reportText(...given)).split('\n')
const words = (line: string | undefined): string[] => line!.trim().split(/\s\s+/)

describe('the report', () => {
  it('has a line per processor under the names of its columns', () => {
    const [head, first, second, empty] = lines(summary())
    expect(words(head).slice(0, 8)).toEqual('processor read counted filtered late parked repeats emitted'.split(' '))
    const counts = ['1,000,000', '999,000', '0', '800', '100', '100', '52,341']
    expect(words(first).slice(0, 8)).toEqual(['large-transactions', ...counts])
    expect(words(second)).toEqual(['card-spend', ...counts, '200', '12.3', '98.8', '2,400', '2,700', '48'])
    expect(empty).toBe('')
  })

  it.each([80, 100, 120, 200])('keeps its table within a terminal of %i characters', (width) => {
    const table = lines(summary(), width).slice(0, 3)
    expect(Math.max(...table.map(({ length }) => length))).toBeLessThanOrEqual(width)
    expect(table[0]).toMatch(/read +counted +filtered +late +parked +repeats +emitted/)
  })

  it('says what is still open, and how to have it put out', () => {
    expect(lines(summary()).join()).not.toMatch(/open/)
    expect(lines(summary({ openTimers: 4_115 })).at(-1)).toMatch(/Still open.*: card-spend 4,115\. .*--close-windows/)
  })

  it('says what does not add up in place of the law', () => {
    expect(lines(summary()).join()).toMatch(/the five add up/)
    const text = lines(summary({}, ['card-spend: stage main read 5, but counted 4'])).join()
    expect(text).toMatch(/Does not add up: card-spend: stage main read 5/)
    expect(text).not.toMatch(/the five add up/)
  })
})
