import { compareSequences } from '../engine/lanes.ts'
import type { TableRow, TableSink } from './sink.ts'

/** Output tables in this process. Deleted rows stay, with a null value, as a real table's tombstones do. */
export function memoryTableSink(): TableSink & { rows(table: string): TableRow[] } {
  const tables = new Map<string, Map<string, TableRow>>()
  const tableOf = (name: string): Map<string, TableRow> => {
    const table = tables.get(name) ?? new Map<string, TableRow>()
    tables.set(name, table)
    return table
  }
  return {
    rows: (table) => [...tableOf(table).values()],
    async write(name, rows) {
      const table = tableOf(name)
      let written = 0
      for (const row of rows) {
        const id = JSON.stringify([row.key, row.sort])
        const stored = table.get(id)
        const isNewer =
          stored === undefined || (stored.lane === row.lane && compareSequences(stored.sequence, row.sequence) < 0)
        if (!isNewer) continue
        table.set(id, row)
        written++
      }
      return { written, refused: rows.length - written }
    },
    async close() {},
  }
}
