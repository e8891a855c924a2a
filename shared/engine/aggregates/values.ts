import { MillraceError } from '../../errors.ts'
import type { Aggregate } from './aggregate.ts'

type Timed<T> = readonly [timeMs: number, value: T] | null

/** The record with the earliest event time (or a part of it); of equal times the one that came first. null without records. */
export function first<In>(): Aggregate<In, Timed<In>, In | null>
export function first<In, T>(of: (value: In) => T): Aggregate<In, Timed<T>, T | null>
export function first<In>(of: (value: In) => unknown = (value) => value): Aggregate<In, Timed<unknown>, unknown> {
  return pick('first', of, (held, timeMs) => timeMs < held)
}

/** The record with the latest event time (or a part of it); of equal times the one that came last. null without records. */
export function last<In>(): Aggregate<In, Timed<In>, In | null>
export function last<In, T>(of: (value: In) => T): Aggregate<In, Timed<T>, T | null>
export function last<In>(of: (value: In) => unknown = (value) => value): Aggregate<In, Timed<unknown>, unknown> {
  return pick('last', of, (held, timeMs) => timeMs >= held)
}

function pick<In>(
  name: string,
  of: (value: In) => unknown,
  replaces: (heldMs: number, timeMs: number) => boolean,
): Aggregate<In, Timed<unknown>, unknown> {
  return {
    name,
    fixedSize: false,
    initialize: () => null,
    add: (held, value, timeMs) => (held === null || replaces(held[0], timeMs) ? [timeMs, of(value)] : held),
    merge: (a, b) => (a === null ? b : b === null || !replaces(a[0], b[0]) ? a : b),
    result: (held) => (held === null ? null : held[1]),
  }
}

/**
 * The records (or a part of each) in partition order, `max` of them at the most: what comes after is only counted.
 * @throws MillraceError `OPTION_INVALID` unless `max` is 1 to 10,000
 */
export function collect<In>(
  max: number,
): Aggregate<In, readonly [values: readonly In[], more: number], { values: readonly In[]; more: number }>
export function collect<In, T>(
  max: number,
  of: (value: In) => T,
): Aggregate<In, readonly [values: readonly T[], more: number], { values: readonly T[]; more: number }>
export function collect<In>(
  max: number,
  of: (value: In) => unknown = (value) => value,
): Aggregate<In, readonly [readonly unknown[], number], { values: readonly unknown[]; more: number }> {
  if (!Number.isSafeInteger(max) || max < 1 || max > 10_000)
    throw new MillraceError('OPTION_INVALID', {
      where: 'collect(max)',
      option: 'max',
      given: max,
      must: 'a whole number from 1 to 10000',
    })
  return {
    name: `collect(${max})`,
    fixedSize: false,
    initialize: () => [[], 0],
    add: ([values, more], value) => (values.length < max ? [[...values, of(value)], more] : [values, more + 1]),
    merge([a, moreA], [b, moreB]) {
      const all = [...a, ...b]
      return [all.slice(0, max), moreA + moreB + Math.max(0, all.length - max)]
    },
    result: ([values, more]) => ({ values, more }),
  }
}

/** Combines the records (or a part of each) pairwise, in partition order. `combineTwo` must be pure and associative. null without records. */
export function reduce<T>(combineTwo: (a: T, b: T) => T): Aggregate<T, T | null, T | null>
export function reduce<In, T>(combineTwo: (a: T, b: T) => T, of: (value: In) => T): Aggregate<In, T | null, T | null>
export function reduce<In>(
  combineTwo: (a: unknown, b: unknown) => unknown,
  of: (value: In) => unknown = (value) => value,
): Aggregate<In, unknown, unknown> {
  return {
    name: 'reduce',
    fixedSize: false,
    initialize: () => null,
    add: (held, value) => (held === null ? of(value) : combineTwo(held, of(value))),
    merge: (a, b) => (a === null ? b : b === null ? a : combineTwo(a, b)),
    result: (held) => held,
  }
}

/** An aggregate of your own. `name` is part of the state's signature: change it when stored states change their meaning. */
export function custom<In, State, Result>(
  name: string,
  functions: Omit<Aggregate<In, State, Result>, 'name' | 'fixedSize'>,
): Aggregate<In, State, Result> {
  for (const part of ['initialize', 'add', 'merge', 'result'] as const)
    if (typeof functions?.[part] !== 'function')
      throw new MillraceError('OPTION_INVALID', {
        where: `custom(${JSON.stringify(name)})`,
        option: part,
        given: typeof functions?.[part],
        must: 'a function',
      })
  return { ...functions, name: `custom:${name}`, fixedSize: false }
}
