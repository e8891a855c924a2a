import { compareSequences } from '../engine/lanes.ts'
import { noRows, type RowOutcome, type TableReader, type TableRow, type TableSink } from './sink.ts'

/** Output tables in this process, for tests and the test driver. Tables come into being with their first row. */
export function memoryTableSink(): TableSink &
  TableReader & {
    /** The rows of a table by key, then sort; tombstones are among them, with the value null. */
    rows(table: string): TableRow[]
  } {
  const tables = new Map<string, Map<string, TableRow>>()

  const put = (rows: Map<string, TableRow>, row: TableRow): RowOutcome => {
    const id = JSON.stringify([row.key, row.sort])
    const stored = rows.get(id)
    if (stored !== undefined && stored.lane !== row.lane) return 'foreign'
    if (stored !== undefined && compareSequences(stored.sequence, row.sequence) >= 0) return 'refused'
    rows.set(id, row)
    return 'written'
  }

  return {
    async write(table, rows) {
      const held = tables.get(table) ?? new Map<string, TableRow>()
      tables.set(table, held)
      const outcomes = noRows()
      for (const row of rows) outcomes[put(held, row)]++
      return outcomes
    },
    rows: (table) => [...(tables.get(table)?.values() ?? [])].sort(byKeyAndSort),
    async read(table, key) {
      return tables.get(table)?.get(JSON.stringify([key, '-']))?.value ?? undefined
    },
    async close() {},
  }
}

function byKeyAndSort(a: TableRow, b: TableRow): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  if (a.sort === b.sort) return 0
  return a.sort < b.sort ? -1 : 1
}
