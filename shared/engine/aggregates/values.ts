import { type JsonifiedItem, jsonified } from '../jsonified.ts'
import type { Aggregate } from './aggregate.ts'
import { checkCallback, checkWhole, refuse } from './options.ts'

/** What is kept of a value has been through JSON, like all state. */
type Kept<T> = JsonifiedItem<T>
type Timed<T> = readonly [timeMs: number, value: Kept<T>] | null

/**
 * The record with the earliest event time (or a part of it); of equal times the one that came first. null without records.
 * @throws MillraceError `OPTION_INVALID`
 */
export function first<In>(): Aggregate<In, Timed<In>, Kept<In> | null>
export function first<In, T>(of: (value: In) => T): Aggregate<In, Timed<T>, Kept<T> | null>
export function first<In>(of: (value: In) => unknown = (value) => value): Aggregate<In, Timed<unknown>, unknown> {
  return pick('first', of, (held, timeMs) => timeMs < held)
}

/**
 * The record with the latest event time (or a part of it); of equal times the one that came last. null without records.
 * @throws MillraceError `OPTION_INVALID`
 */
export function last<In>(): Aggregate<In, Timed<In>, Kept<In> | null>
export function last<In, T>(of: (value: In) => T): Aggregate<In, Timed<T>, Kept<T> | null>
export function last<In>(of: (value: In) => unknown = (value) => value): Aggregate<In, Timed<unknown>, unknown> {
  return pick('last', of, (held, timeMs) => timeMs >= held)
}

function pick<In>(
  name: string,
  of: (value: In) => unknown,
  replaces: (heldMs: number, timeMs: number) => boolean,
): Aggregate<In, Timed<unknown>, unknown> {
  checkCallback(`${name}(of)`, 'of', of)
  return {
    name,
    fixedSize: false,
    initialize: () => null,
    add: (held, value, timeMs) => (held === null || replaces(held[0], timeMs) ? [timeMs, jsonified(of(value))] : held),
    merge: (a, b) => (a === null ? b : b === null || !replaces(a[0], b[0]) ? a : b),
    result: (held) => (held === null ? null : held[1]),
  }
}

/**
 * The records (or a part of each) in partition order, `max` of them at the most: what comes after is only counted.
 * The result is `{ values, more }`, `more` being how many were only counted.
 * @throws MillraceError `OPTION_INVALID` unless `max` is 1 to 10,000; for a record (it is parked) `CELL_TOO_LARGE` when
 *   what is collected outgrows the 200 KB of a piece of state
 */
export function collect<In>(max: number): Aggregate<In, Collected<In>, { values: readonly Kept<In>[]; more: number }>
export function collect<In, T>(
  max: number,
  of: (value: In) => T,
): Aggregate<In, Collected<T>, { values: readonly Kept<T>[]; more: number }>
export function collect<In>(
  max: number,
  of: (value: In) => unknown = (value) => value,
): Aggregate<In, Collected<unknown>, { values: readonly unknown[]; more: number }> {
  checkWhole('collect(max)', 'max', max, 1, 10_000)
  checkCallback('collect(max, of)', 'of', of)
  return {
    name: `collect(${max})`,
    fixedSize: false,
    initialize: () => [[], 0],
    add: ([values, more], value) =>
      values.length < max ? [[...values, jsonified(of(value))], more] : [values, more + 1],
    merge([a, moreA], [b, moreB]) {
      const all = [...a, ...b]
      return [all.slice(0, max), moreA + moreB + Math.max(0, all.length - max)]
    },
    result: ([values, more]) => ({ values, more }),
  }
}

type Collected<T> = readonly [values: readonly Kept<T>[], more: number]

/**
 * Combines the records (or a part of each) pairwise, in partition order. `combineTwo` must be pure and associative: in
 * windows that share their state it is also given what it has made of others. null without records.
 * @throws MillraceError `OPTION_INVALID`
 */
export function reduce<T>(combineTwo: Combine<T>): Aggregate<T, Reduced<T>, Kept<T> | null>
export function reduce<In, T>(combineTwo: Combine<T>, of: (value: In) => T): Aggregate<In, Reduced<T>, Kept<T> | null>
export function reduce<In>(
  combineTwo: Combine<unknown>,
  of: (value: In) => unknown = (value) => value,
): Aggregate<In, Reduced<unknown>, unknown> {
  checkCallback('reduce(combineTwo)', 'combineTwo', combineTwo)
  checkCallback('reduce(combineTwo, of)', 'of', of)
  const both = (a: unknown, b: unknown): Reduced<unknown> => [jsonified(combineTwo(a, b))]
  return {
    name: 'reduce',
    fixedSize: false,
    initialize: () => [],
    add(held, value) {
      const next = jsonified(of(value))
      return held.length === 0 ? [next] : both(held[0], next)
    },
    merge: (a, b) => (a.length === 0 ? b : b.length === 0 ? a : both(a[0], b[0])),
    result: (held) => (held.length === 0 ? null : held[0]),
  }
}

type Combine<T> = (a: Kept<T>, b: Kept<T>) => T | Kept<T>

/** In a list of its own: null is a value as others are. */
type Reduced<T> = readonly [] | readonly [value: Kept<T>]

/**
 * An aggregate of your own, as four pure functions over a JSON state: see {@link Aggregate} for what each must keep. A
 * state is at most 200 KB of JSON; what it holds should have a bound of its own.
 * @param name part of the state's signature: change it when stored states change their meaning
 * @throws MillraceError `OPTION_INVALID`
 * @example
 * custom<Tx, number, number>('largest', {
 *   initialize: () => 0,
 *   add: (largest, tx) => Math.max(largest, tx.amount),
 *   merge: Math.max,
 *   result: (largest) => largest,
 * })
 */
export function custom<In, State, Result>(
  name: string,
  functions: Omit<Aggregate<In, State, Result>, 'name' | 'fixedSize'>,
): Aggregate<In, State, Result> {
  const where = `custom(${JSON.stringify(name)})`
  if (typeof name !== 'string' || name === '') refuse(where, 'name', name, 'a text')
  for (const part of ['initialize', 'add', 'merge', 'result'] as const) checkCallback(where, part, functions?.[part])
  return { ...functions, name: `custom:${name}`, fixedSize: false }
}
