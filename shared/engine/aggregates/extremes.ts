import { type JsonifiedItem, jsonified } from '../jsonified.ts'
import { type Aggregate, finite } from './aggregate.ts'
import { checkCallback } from './options.ts'

/** What is kept of a value has been through JSON, like all state. */
type Best<T> = readonly [by: number, value: JsonifiedItem<T>] | null

/**
 * The record (or a part of it) with the smallest number; of equal ones the one that came first. null without records.
 * @throws MillraceError `OPTION_INVALID`; for a record (it is parked) `CODE_FAILED`: `by` is no finite number
 * @example minBy((tx) => tx.amount, (tx) => tx.id)
 */
export function minBy<In>(by: (value: In) => number): Aggregate<In, Best<In>, JsonifiedItem<In> | null>
export function minBy<In, T>(
  by: (value: In) => number,
  of: (value: In) => T,
): Aggregate<In, Best<T>, JsonifiedItem<T> | null>
export function minBy<In>(
  by: (value: In) => number,
  of: (value: In) => unknown = (value) => value,
): Aggregate<In, Best<unknown>, unknown> {
  return best('minBy', by, of, (held, n) => n < held)
}

/**
 * The record (or a part of it) with the largest number; of equal ones the one that came first. null without records.
 * @throws MillraceError `OPTION_INVALID`; for a record (it is parked) `CODE_FAILED`: `by` is no finite number
 */
export function maxBy<In>(by: (value: In) => number): Aggregate<In, Best<In>, JsonifiedItem<In> | null>
export function maxBy<In, T>(
  by: (value: In) => number,
  of: (value: In) => T,
): Aggregate<In, Best<T>, JsonifiedItem<T> | null>
export function maxBy<In>(
  by: (value: In) => number,
  of: (value: In) => unknown = (value) => value,
): Aggregate<In, Best<unknown>, unknown> {
  return best('maxBy', by, of, (held, n) => n > held)
}

function best<In>(
  name: string,
  by: (value: In) => number,
  of: (value: In) => unknown,
  replaces: (held: number, n: number) => boolean,
): Aggregate<In, Best<unknown>, unknown> {
  checkCallback(`${name}(by)`, 'by', by)
  checkCallback(`${name}(by, of)`, 'of', of)
  return {
    name,
    fixedSize: false,
    initialize: () => null,
    add(held, value) {
      const n = finite(by(value))
      return held === null || replaces(held[0], n) ? [n, jsonified(of(value))] : held
    },
    merge: (a, b) => (a === null ? b : b === null || !replaces(a[0], b[0]) ? a : b),
    result: (held) => (held === null ? null : held[1]),
  }
}
