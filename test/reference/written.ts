import { readLines } from './lines.ts'

/** A record read back from a topic that was written to. */
export interface Written {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: unknown
  readonly headers?: { readonly mr?: unknown }
}

/** A topic without the duplicates. `errors` says in words what no topic may hold. */
export interface Distinct {
  readonly rows: Written[]
  readonly duplicates: number
  readonly errors: string[]
}

/** The identity in an `mr` header (`lane;seq.index;timeMs`): all before the last semicolon. */
export function identityOf(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined
  const end = header.lastIndexOf(';')
  return end > 0 ? header.slice(0, end) : undefined
}

/**
 * Drops the rows whose identity was seen before. It is an error for a row to have no identity, and for two
 * of one identity to differ in key or value.
 */
export function dropDuplicates(written: Iterable<Written>): Distinct {
  const seen = new Map<string, string>()
  const rows: Written[] = []
  const errors: string[] = []
  let duplicates = 0
  for (const row of written) {
    const identity = identityOf(row.headers?.mr)
    const bytes = JSON.stringify([row.key, row.value])
    const before = identity === undefined ? undefined : seen.get(identity)
    if (identity === undefined) errors.push(`no identity in header mr of ${bytes}`)
    if (before !== undefined) {
      duplicates++
      if (before !== bytes) errors.push(`identity ${identity} has both ${before} and ${bytes}`)
      continue
    }
    if (identity !== undefined) seen.set(identity, bytes)
    rows.push(row)
  }
  return { rows, duplicates, errors }
}

/** All the values in a file of JSON lines. */
export async function readJsonLines(file: string): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const lines of readLines(file)) {
    for (const line of lines) values.push(JSON.parse(line.toString('utf8')))
  }
  return values
}
