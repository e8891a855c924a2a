import { finite } from './aggregate.ts'

/** A sum and what rounding has taken from it (Neumaier): together they hold about twice the digits of a number. */
export type Compensated = readonly [sum: number, lost: number]

/** @throws MillraceError `CODE_FAILED` when the sum leaves the range of numbers */
export function plus([total, lost]: Compensated, n: number): Compensated {
  const next = finite(total + n)
  const rounded = Math.abs(total) >= Math.abs(n) ? total - next + n : n - next + total
  return [next, lost + rounded]
}

/** The sum of two sums: their totals are added as any number is, and what was lost on both sides stays known. */
export const plusBoth = (a: Compensated, b: Compensated): Compensated => plus([a[0], a[1] + b[1]], b[0])
