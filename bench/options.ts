import { parseArgs } from 'node:util'

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  /** Sections by name; empty: the usual ones. */
  readonly names: readonly string[]
  /** So little work that figures mean nothing: to see that it runs. */
  readonly quick: boolean
  /** Where state is kept in the sections that use a database; undefined: what the section prefers. */
  readonly dynamodb: Database | undefined
  /** Records of the `broker` section. */
  readonly records: number
  /** Rounds that are measured, of the sections that take turns; undefined: what the section prefers. */
  readonly rounds: number | undefined
}

/** `dynalite` runs in a thread of this process, `local` is Amazon's DynamoDB Local. */
export type Database = 'dynalite' | 'local'

/** Reads the command line. @throws Error with what is wrong */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      dynamodb: { type: 'string' },
      records: { type: 'string' },
      rounds: { type: 'string' },
    },
  })
  return {
    names: positionals,
    quick: values.quick,
    dynamodb: databaseOf(values.dynamodb),
    records: countOf('records', values.records) ?? (values.quick ? 20_000 : 1_000_000),
    rounds: countOf('rounds', values.rounds),
  }
}

function databaseOf(text: string | undefined): Database | undefined {
  if (text === undefined || text === 'dynalite' || text === 'local') return text
  throw new Error(`--dynamodb is "dynalite" or "local", not "${text}".`)
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${flag} is a whole number from 1 on, not "${text}".`)
  return Number(text)
}
