import { finite } from './aggregate.ts'

/**
 * A sum as the number nearest to it, and what is missing (Neumaier's summation, brought to that form after each step):
 * together they hold about twice the digits of a number. The nearest number of a sum of cents is a short text, so that
 * states stay small.
 */
export type Compensated = readonly [sum: number, missing: number]

/** @throws MillraceError `CODE_FAILED` when the sum leaves the range of numbers */
export function plus([total, missing]: Compensated, n: number): Compensated {
  const next = total + n
  const lost = missing + lostBy(total, n, next)
  // Also where only `next` has left the range: what is lost is no number then.
  const nearest = finite(next + lost)
  return [nearest, lostBy(next, lost, nearest)]
}

/** The sum of two sums: one is added as any number is, and what is missing from both stays known. */
export const plusBoth = (a: Compensated, b: Compensated): Compensated => plus([a[0], a[1] + b[1]], b[0])

/** What `sum`, the rounded sum of both, lacks: exact. */
const lostBy = (a: number, b: number, sum: number): number => (Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a)
