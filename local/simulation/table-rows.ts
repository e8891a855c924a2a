import type { TableRow } from '../../shared/sinks/sink.ts'

export type RowsOf = (table: string) => readonly TableRow[]

/** Every row as it was last seen: none may go back to what it was before. */
export class TableRows {
  readonly #rowsOf: RowsOf
  readonly #seen = new Map<string, readonly number[]>()

  constructor(rowsOf: RowsOf) {
    this.#rowsOf = rowsOf
  }

  /** After these were written. */
  check(table: string, written: readonly TableRow[]): string[] {
    const problems: string[] = []
    const names = new Set(written.map(nameOf))
    for (const row of this.#rowsOf(table)) {
      const name = nameOf(row)
      if (!names.has(name)) continue
      const before = this.#seen.get(`${table} ${name}`)
      if (before !== undefined && isBelow(row.sequence, before))
        problems.push(`row ${name} of ${table} went back from ${before.join('.')} to ${row.sequence.join('.')}`)
      this.#seen.set(`${table} ${name}`, row.sequence)
    }
    return problems
  }
}

const nameOf = ({ key, sort }: TableRow): string => `${key}|${sort}`

function isBelow(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]!
  return a.length < b.length
}
