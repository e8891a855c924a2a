import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TableRow, TableSink } from '../../shared/sinks/sink.ts'

/** An implementation under test, and the other side of it. */
export interface TableSinkUnderTest {
  readonly sink: TableSink
  createTable(name: string): Promise<void>
  /** Every row of the table, tombstones with the value null among them; order is free. */
  rows(table: string): Promise<TableRow[]>
  stop(): Promise<void>
}

let tables = 0

const row = (fields: Partial<TableRow>): TableRow => ({
  key: 'k',
  sort: '-',
  value: '{"n":1}',
  lane: 'counts.1.0',
  sequence: [1, 0],
  timeMs: 1_000,
  ...fields,
})

/** What every {@link TableSink} does. `make` is called once for the whole suite. */
export function tableSinkContract(name: string, make: () => Promise<TableSinkUnderTest>): void {
  describe(`${name} keeps the TableSink contract`, () => {
    let subject: TableSinkUnderTest
    beforeAll(async () => {
      subject = await make()
    })
    afterAll(() => subject?.stop())

    const newTable = async (): Promise<string> => {
      const table = `contract-table-${++tables}`
      await subject.createTable(table)
      return table
    }

    it('writes rows as they are', async () => {
      const table = await newTable()
      const rows = [
        row({ key: 'a' }),
        row({ key: 'a', sort: '0000000000000000/0000000000300000', sequence: [1, 1] }),
        row({ key: '["é","☀"]', value: '{"text":"ü\\n\\t"}', sequence: [1, 2], timeMs: 0 }),
        row({ key: 'z', value: 'null', lane: 'other.2.11', sequence: [9_007_199_254_740_991, 0, 7] }),
      ]
      expect(await subject.sink.write(table, rows)).toEqual({ written: 4, refused: 0, foreign: 0 })
      expect(sorted(await subject.rows(table))).toEqual(sorted(rows))
    })

    it('takes no rows as done', async () => {
      expect(await subject.sink.write(await newTable(), [])).toEqual({ written: 0, refused: 0, foreign: 0 })
    })

    describe('a row only ever moves to a higher sequence of its lane', () => {
      const stored = { sequence: [5, 9] }
      const table: [string, Partial<TableRow>, 'written' | 'refused' | 'foreign'][] = [
        ['the same identity', { sequence: [5, 9] }, 'refused'],
        ['a lower sequence', { sequence: [5, 8] }, 'refused'],
        ['a lower sequence with a higher end', { sequence: [4, 10] }, 'refused'],
        ['a higher sequence', { sequence: [5, 10] }, 'written'],
        ['a higher sequence with a lower end', { sequence: [6, 0] }, 'written'],
        ['a sequence with more digits, not more by its text', { sequence: [10, 0] }, 'written'],
        ['its own sequence extended', { sequence: [5, 9, 0] }, 'written'],
        ['the beginning of its sequence', { sequence: [5] }, 'refused'],
        ['another lane', { lane: 'counts.1.1', sequence: [9, 0] }, 'foreign'],
        ['another lane with a lower sequence', { lane: 'counts.1.1', sequence: [1, 0] }, 'foreign'],
        ['another lane that begins like its own', { lane: 'counts.1.01', sequence: [9, 0] }, 'foreign'],
      ]
      it.each(table)('%s: %3$s', async (_, next, outcome) => {
        const table = await newTable()
        await subject.sink.write(table, [row({ ...stored, value: '"old"' })])
        const counted = { written: 0, refused: 0, foreign: 0, [outcome]: 1 }
        expect(await subject.sink.write(table, [row({ ...next, value: '"new"' })])).toEqual(counted)
        const [left] = await subject.rows(table)
        expect(left!.value).toBe(outcome === 'written' ? '"new"' : '"old"')
      })
    })

    it('leaves a tombstone for a delete, which a late repeat does not undo', async () => {
      const table = await newTable()
      await subject.sink.write(table, [row({ sequence: [1, 0] })])
      expect(await subject.sink.write(table, [row({ value: null, sequence: [3, 0] })])).toMatchObject({ written: 1 })
      expect(await subject.sink.write(table, [row({ sequence: [2, 0] })])).toEqual({
        written: 0,
        refused: 1,
        foreign: 0,
      })
      expect((await subject.rows(table)).map(({ value }) => value)).toEqual([null])
      expect(await subject.sink.write(table, [row({ value: '4', sequence: [4, 0] })])).toMatchObject({ written: 1 })
      expect((await subject.rows(table)).map(({ value }) => value)).toEqual(['4'])
    })

    it('leaves a tombstone also where no row was', async () => {
      const table = await newTable()
      await subject.sink.write(table, [row({ value: null, sequence: [3, 0] })])
      expect(await subject.sink.write(table, [row({ sequence: [2, 9] })])).toEqual({
        written: 0,
        refused: 1,
        foreign: 0,
      })
      expect((await subject.rows(table)).map(({ value }) => value)).toEqual([null])
    })

    it('keeps the given order within one row', async () => {
      const table = await newTable()
      const versions = Array.from({ length: 30 }, (_, n) => row({ value: String(n), sequence: [n, 0] }))
      expect(await subject.sink.write(table, versions)).toEqual({ written: 30, refused: 0, foreign: 0 })
      expect((await subject.rows(table)).map(({ value }) => value)).toEqual(['29'])
    })

    it('tells apart rows whose key and sort only look alike when joined', async () => {
      const table = await newTable()
      const rows = [
        row({ key: 'a', sort: 'b\u0000c' }),
        row({ key: 'a\u0000b', sort: 'c' }),
        row({ key: 'a', sort: 'b' }),
      ]
      expect(await subject.sink.write(table, rows)).toEqual({ written: 3, refused: 0, foreign: 0 })
      expect(await subject.rows(table)).toHaveLength(3)
    })

    it('takes 500 different rows at once, and their repeats', async () => {
      const table = await newTable()
      const rows = Array.from({ length: 500 }, (_, n) => row({ key: `k${n % 250}`, sort: `s${n}`, sequence: [1, n] }))
      expect(await subject.sink.write(table, rows)).toEqual({ written: 500, refused: 0, foreign: 0 })
      expect(await subject.sink.write(table, rows)).toEqual({ written: 0, refused: 500, foreign: 0 })
      expect(await subject.rows(table)).toHaveLength(500)
    })

    it('lets the highest of racing writers win', async () => {
      const table = await newTable()
      const writers = Array.from({ length: 20 }, (_, n) => row({ value: String(n), sequence: [n, 0] }))
      await Promise.all(writers.map((each) => subject.sink.write(table, [each])))
      expect((await subject.rows(table)).map(({ value }) => value)).toEqual(['19'])
    })

    it('keeps tables apart', async () => {
      const [one, other] = [await newTable(), await newTable()]
      await subject.sink.write(one, [row({})])
      expect(await subject.rows(other)).toEqual([])
    })
  })
}

const sorted = (rows: readonly TableRow[]): string[] =>
  rows
    .map(({ key, sort, value, lane, sequence, timeMs }) => JSON.stringify([key, sort, value, lane, sequence, timeMs]))
    .sort()
