import Table from 'cli-table3'
import { printable } from './printable.ts'

export type Cell = string | number | undefined

/** Rows under a head; numbers to the right. What others wrote is made safe. */
export function tableText(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '(none)'
  const isNumber = (column: number) => rows.every((row) => typeof row[column] !== 'string')
  const table = new Table({
    head: [...head],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colAligns: head.map((_, column) => (isNumber(column) ? 'right' : 'left')),
  })
  for (const row of rows) table.push(row.map((cell) => (cell === undefined ? '-' : printable(String(cell)))))
  return table.toString()
}

/** Epoch ms as ISO text; undefined for the time before all records. */
export const timeText = (ms: number): string | undefined =>
  ms >= 0 && ms < 8.64e15 ? new Date(ms).toISOString() : undefined
