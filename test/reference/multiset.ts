import { canonical, isClose } from './canonical.ts'

const EXAMPLES = 3

/** What is compared of a record; `timestamp` in epoch milliseconds. */
export interface Row {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: unknown
}

/** A row that one side has more often, and how many times more. */
export interface Example extends Row {
  readonly times: number
}

/** How two multisets of rows differ, with up to 3 examples each way. */
export interface Difference {
  readonly missing: number
  readonly unexpected: number
  readonly missingExamples: Example[]
  readonly unexpectedExamples: Example[]
}

interface Balance {
  readonly row: Row
  /** Times expected less times got. */
  count: number
}

/** Compares two multisets of rows: what was expected, and what was got. */
export class RowBalance {
  readonly #balances = new Map<string, Balance>()

  /** Adds a row to what is expected. */
  expect(row: Row): void {
    this.#add(row, 1)
  }

  /** Adds a row to what was got. */
  got(row: Row): void {
    this.#add(row, -1)
  }

  #add({ key, value, timestamp }: Row, by: number): void {
    const name = canonical([key, timestamp, value])
    const balance = this.#balances.get(name)
    if (balance === undefined) this.#balances.set(name, { row: { key, value, timestamp }, count: by })
    else balance.count += by
  }

  /** What is left once equal rows, and then close ones, have cancelled out. */
  difference(): Difference {
    const left = [...this.#balances.values()].filter(({ count }) => count !== 0)
    cancelClose(left)
    const missing = left.filter(({ count }) => count > 0)
    const unexpected = left.filter(({ count }) => count < 0)
    return {
      missing: total(missing),
      unexpected: total(unexpected),
      missingExamples: examples(missing),
      unexpectedExamples: examples(unexpected),
    }
  }
}

/** Rounding parts close numbers on either side of a half, so what is left is paired once more. */
function cancelClose(balances: Balance[]): void {
  const expected = Map.groupBy(
    balances.filter(({ count }) => count > 0),
    ({ row }) => place(row),
  )
  for (const got of balances) {
    if (got.count >= 0) continue
    for (const candidate of expected.get(place(got.row)) ?? []) {
      if (!isClose(candidate.row.value, got.row.value)) continue
      const pairs = Math.min(candidate.count, -got.count)
      candidate.count -= pairs
      got.count += pairs
    }
  }
}

function place({ key, timestamp }: Row): string {
  return JSON.stringify([key, timestamp])
}

function total(balances: Balance[]): number {
  return balances.reduce((sum, { count }) => sum + Math.abs(count), 0)
}

function examples(balances: Balance[]): Example[] {
  return balances.slice(0, EXAMPLES).map(({ row, count }) => ({ ...row, times: Math.abs(count) }))
}
