import { MillraceError } from '../../errors.ts'
import { type Aggregate, finite } from './aggregate.ts'
import { type Compensated, plus, plusBoth } from './compensated.ts'
import { addDecimals, decimalText } from './decimal.ts'
import { checkCallback, checkKnown, refuse } from './options.ts'

/** How a sum is kept exact; without it, it is compensated. */
export interface ExactSum<Kind extends 'integer' | 'decimal'> {
  exact: Kind
}

/**
 * Sum of a number of each record.
 *
 * - `sum(of)`: compensated (Neumaier). Amounts in cents as decimals do not drift: the error does not grow with the number
 *   of records. The result is a number.
 * - `sum(of, { exact: 'integer' })`: whole numbers only, such as cents, within ±(2^53 - 1). The result is a number, and exact.
 * - `sum(of, { exact: 'decimal' })`: decimal text (`'12.30'`) or numbers as JSON writes them, exact. The result is decimal
 *   text with as many digits behind the point as the longest summand; `'0'` without records.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`; for a record (it is parked) `CODE_FAILED`: what is no finite
 *   number, no whole number, no plain decimal number of at most 30 digits before the point and 20 behind it; a sum that
 *   leaves the range of its kind
 */
export function sum<In>(of: (value: In) => number): Aggregate<In, Compensated, number>
export function sum<In>(of: (value: In) => number, options: ExactSum<'integer'>): Aggregate<In, number, number>
export function sum<In>(of: (value: In) => number | string, options: ExactSum<'decimal'>): Aggregate<In, string, string>
export function sum<In>(
  of: (value: In) => number | string,
  options?: ExactSum<'integer' | 'decimal'>,
): Aggregate<In, unknown, number | string> {
  checkCallback('sum(of)', 'of', of)
  if (options === undefined) return compensated(of as (value: In) => number)
  checkKnown('sum(of, options)', options, ['exact'])
  if (options.exact === 'integer') return integer(of as (value: In) => number)
  if (options.exact === 'decimal') return decimal(of)
  return refuse('sum(of, options)', 'exact', options.exact, "'integer' or 'decimal'")
}

const compensated = <In>(of: (value: In) => number): Aggregate<In, Compensated, number> => ({
  name: 'sum',
  fixedSize: true,
  initialize: () => [0, 0],
  add: (state, value) => plus(state, finite(of(value))),
  merge: plusBoth,
  result: ([total, lost]) => total + lost,
})

const integer = <In>(of: (value: In) => number): Aggregate<In, number, number> => ({
  name: 'sum(integer)',
  fixedSize: true,
  initialize: () => 0,
  add: (total, value) => whole(total + whole(of(value))),
  merge: (a, b) => whole(a + b),
  result: (total) => total,
})

const decimal = <In>(of: (value: In) => number | string): Aggregate<In, string, string> => ({
  name: 'sum(decimal)',
  fixedSize: true,
  initialize: () => '0',
  add: (total, value) => addDecimals(total, decimalText(of(value))),
  merge: addDecimals,
  result: (total) => total,
})

function whole(n: number): number {
  if (!Number.isSafeInteger(n))
    throw new MillraceError('CODE_FAILED', { error: 'a value that is not a safe whole number', what: 'record' })
  return n + 0
}
