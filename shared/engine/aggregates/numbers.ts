import { type Aggregate, finite } from './aggregate.ts'
import { plus, plusBoth } from './compensated.ts'
import { checkCallback } from './options.ts'

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

/** Arithmetic mean of a number of each record; the sum behind it is compensated as in `sum`. null without records. */
export function mean<In>(of: (value: In) => number): Aggregate<In, readonly [number, number, number], number | null> {
  checkCallback('mean(of)', 'of', of)
  return {
    name: 'mean',
    fixedSize: true,
    initialize: () => [0, 0, 0],
    add([n, total, lost], value) {
      const [nextTotal, nextLost] = plus([total, lost], finite(of(value)))
      return [n + 1, nextTotal, nextLost]
    },
    merge([n, total, lost], b) {
      const [nextTotal, nextLost] = plusBoth([total, lost], [b[1], b[2]])
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
  checkCallback(`${name}(of)`, 'of', of)
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
