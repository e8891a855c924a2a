import { type Aggregate, finite } from './aggregate.ts'

/** How many records. */
export function count(): Aggregate<unknown, number, number> {
  return {
    name: 'count',
    fixedSize: true,
    initialize: () => 0,
    add: (n) => n + 1,
    merge: (a, b) => a + b,
    result: (n) => n,
  }
}

/** A sum and what rounding has taken from it. */
type Compensated = readonly [sum: number, lost: number]

/**
 * Sum of a number of each record. Compensated (Neumaier): a sum of amounts in cents as decimals does not drift, its error
 * does not grow with the number of records.
 * @throws MillraceError `CODE_FAILED` (the record is parked) for a value that is not a finite number
 */
export function sum<In>(of: (value: In) => number): Aggregate<In, Compensated, number> {
  return {
    name: 'sum',
    fixedSize: true,
    initialize: () => [0, 0],
    add: (state, value) => plus(state, finite(of(value))),
    merge: (a, b) => plus([b[0], a[1] + b[1]], a[0]),
    result: ([total, lost]) => total + lost,
  }
}

/** Arithmetic mean of a number of each record; the sum behind it is compensated as in {@link sum}. null without records. */
export function mean<In>(of: (value: In) => number): Aggregate<In, readonly [number, number, number], number | null> {
  return {
    name: 'mean',
    fixedSize: true,
    initialize: () => [0, 0, 0],
    add([n, total, lost], value) {
      const [nextTotal, nextLost] = plus([total, lost], finite(of(value)))
      return [n + 1, nextTotal, nextLost]
    },
    merge([n, total, lost], b) {
      const [nextTotal, nextLost] = plus([b[1], lost + b[2]], total)
      return [n + b[0], nextTotal, nextLost]
    },
    result: ([n, total, lost]) => (n === 0 ? null : (total + lost) / n),
  }
}

/** Smallest of a number of each record; null without records. */
export const min = <In>(of: (value: In) => number): Aggregate<In, number | null, number | null> =>
  extreme('min', of, Math.min)

/** Largest of a number of each record; null without records. */
export const max = <In>(of: (value: In) => number): Aggregate<In, number | null, number | null> =>
  extreme('max', of, Math.max)

function extreme<In>(
  name: string,
  of: (value: In) => number,
  pick: (a: number, b: number) => number,
): Aggregate<In, number | null, number | null> {
  return {
    name,
    fixedSize: true,
    initialize: () => null,
    add(best, value) {
      const n = finite(of(value))
      return best === null ? n : pick(best, n)
    },
    merge: (a, b) => (a === null ? b : b === null ? a : pick(a, b)),
    result: (best) => best,
  }
}

function plus([total, lost]: Compensated, n: number): Compensated {
  const next = finite(total + n)
  const rounded = Math.abs(total) >= Math.abs(n) ? total - next + n : n - next + total
  return [next, lost + rounded]
}
