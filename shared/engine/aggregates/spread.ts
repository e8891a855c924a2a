import { type Aggregate, finite } from './aggregate.ts'
import { checkCallback, checkKnown, refuse } from './options.ts'

/** Number, mean, and sum of the squared distances from the mean. */
type Moments = readonly [n: number, mean: number, squares: number]

export interface SpreadOptions {
  /** True: the records are all there is (divides by n). Default false: they are a sample of more (divides by n - 1). */
  population?: boolean
}

/**
 * Variance of a number of each record, in the number's unit squared; null for less than two records (with `population`:
 * for none). Numerically stable: added by Welford's rule and merged by Chan's, it never subtracts two large sums.
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`; for a record (it is parked) `CODE_FAILED`: no finite number
 */
export const variance = <In>(
  of: (value: In) => number,
  options: SpreadOptions = {},
): Aggregate<In, Moments, number | null> => spread('variance', of, options, (variance) => variance)

/**
 * Standard deviation of a number of each record, in the number's own unit: the root of {@link variance}, null where that is.
 * @throws MillraceError as {@link variance}
 */
export const stddev = <In>(
  of: (value: In) => number,
  options: SpreadOptions = {},
): Aggregate<In, Moments, number | null> => spread('stddev', of, options, Math.sqrt)

function spread<In>(
  name: string,
  of: (value: In) => number,
  options: SpreadOptions,
  ofVariance: (variance: number) => number,
): Aggregate<In, Moments, number | null> {
  checkCallback(`${name}(of)`, 'of', of)
  checkKnown(`${name}(of, options)`, options, ['population'])
  const { population = false } = options
  if (typeof population !== 'boolean') refuse(`${name}(of, options)`, 'population', population, 'true or false')
  const missing = population ? 0 : 1
  return {
    // Both divide the same stored moments: which of them, and by what, may change without a new generation.
    name: 'moments',
    fixedSize: true,
    initialize: () => [0, 0, 0],
    add([n, mean, squares], value) {
      const x = finite(of(value))
      const distance = x - mean
      const nextMean = mean + distance / (n + 1)
      return [n + 1, nextMean, finite(squares + distance * (x - nextMean))]
    },
    merge: merged,
    result: ([n, , squares]) => (n <= missing ? null : ofVariance(squares / (n - missing))),
  }
}

function merged(a: Moments, b: Moments): Moments {
  if (a[0] === 0) return b
  if (b[0] === 0) return a
  const n = a[0] + b[0]
  const distance = b[1] - a[1]
  const share = b[0] / n
  return [n, a[1] + distance * share, finite(a[2] + b[2] + distance * distance * a[0] * share)]
}
