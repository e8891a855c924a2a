import { type Aggregate, finite } from './aggregate.ts'
import { accuracyOf, addNumber, emptySketch, logFactorOf, mergeSketches, quantileOf, type Sketch } from './dd-sketch.ts'
import { checkBetween, checkCallback, checkKnown, refuse } from './options.ts'

export interface QuantileOptions {
  /** By how much of itself a result may be wrong, 0.002 to 0.2. Default 0.01: 1 %. */
  accuracy?: number
}

/**
 * The number below which a share `q` of the records is: of n numbers in order that at rank floor(q × (n - 1)), so that 0
 * is the smallest, 0.5 a median and 1 the largest. null without records.
 *
 * The smallest and the largest are exact. Another is an estimate, wrong by at most 1 % of itself (or `accuracy`): DDSketch. Zero and negative numbers are numbers like others.
 * The bound is certain, not a probability, as long as the numbers fill no more than 1,024 bins: at 1 % that is nine powers
 * of ten with every bin used. Beyond that neighbouring bins are joined and the bound doubles; {@link quantiles} says it.
 *
 * State: at most 1,024 bins, 26 KB as JSON; for latencies of 1 ms to 10 s about 450 bins, 5 KB. Merging is associative and
 * commutative.
 *
 * @param q 0 to 1, both included
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`; for a record (it is parked) `CODE_FAILED`: no finite number
 * @example quantile(0.99, (call) => call.durationMs)
 */
export function quantile<In>(
  q: number,
  by: (value: In) => number,
  options: QuantileOptions = {},
): Aggregate<In, Sketch, number | null> {
  const where = 'quantile(q, by, options)'
  checkBetween(where, 'q', q, 0, 1)
  return sketched(where, by, options, (sketch, logFactor) => quantileOf(sketch, q, logFactor))
}

/**
 * Several quantiles from one state, under names of your choice, and the accuracy they have: see {@link quantile}.
 *
 * @param shares a name per quantile, `accuracy` excepted; each 0 to 1, both included
 * @throws MillraceError as {@link quantile}
 * @example quantiles({ p50: 0.5, p99: 0.99 }, (call) => call.durationMs) // { p50: 12.1, p99: 340, accuracy: 0.01 }
 */
export function quantiles<In, const Name extends string>(
  shares: Readonly<Record<Name, number>>,
  by: (value: In) => number,
  options: QuantileOptions = {},
): Aggregate<In, Sketch, { readonly [Each in Name]: number | null } & { readonly accuracy: number }> {
  const where = 'quantiles(shares, by, options)'
  const names = Object.entries(shares ?? {}) as [Name, number][]
  if (names.length === 0) refuse(where, 'shares', shares, 'an object such as { p50: 0.5, p99: 0.99 }')
  for (const [name, q] of names) {
    if (name === 'accuracy') refuse(where, name, q, 'called otherwise: results carry an accuracy of their own')
    checkBetween(where, name, q, 0, 1)
  }
  return sketched(where, by, options, (sketch, logFactor) => {
    const values = names.map(([name, q]) => [name, quantileOf(sketch, q, logFactor)])
    return { ...Object.fromEntries(values), accuracy: accuracyOf(sketch, logFactor) }
  })
}

function sketched<In, Result>(
  where: string,
  by: (value: In) => number,
  options: QuantileOptions,
  result: (sketch: Sketch, logFactor: number) => Result,
): Aggregate<In, Sketch, Result> {
  checkCallback(where, 'by', by)
  checkKnown(where, options, ['accuracy'])
  const { accuracy = 0.01 } = options
  checkBetween(where, 'accuracy', accuracy, 0.002, 0.2)
  const logFactor = logFactorOf(accuracy)
  return {
    // Which shares are asked of a sketch may change without a new generation.
    name: `quantile(${accuracy})`,
    fixedSize: false,
    initialize: () => emptySketch,
    add: (sketch, value) => addNumber(sketch, finite(by(value)), logFactor),
    merge: mergeSketches,
    result: (sketch) => result(sketch, logFactor),
  }
}
