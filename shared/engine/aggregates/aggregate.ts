import { MillraceError } from '../../errors.ts'

/**
 * A fold as four pure functions, so that every aggregate works in every window. States are JSON; functions return new
 * states and never change the ones they were given.
 */
export interface Aggregate<In, State, Result> {
  /** Part of the state's signature: same name, same meaning of stored states. */
  readonly name: string
  /** True when states stay below about 100 bytes whatever is added: they are not measured then. */
  readonly fixedSize: boolean
  initialize(): State
  /** `timeMs` is the record's event time; records come in partition order. */
  add(state: State, value: In, timeMs: number): State
  /** The state of all records of `a` and `b`; `a` holds what came first. Associative. */
  merge(a: State, b: State): State
  result(state: State): Result
}

/** What an aggregation result looks like: a name per aggregate. */
export type Aggregates<In> = Readonly<Record<string, Aggregate<In, unknown, unknown>>>
export type Results<Spec> = {
  [Name in keyof Spec]: Spec[Name] extends { result(state: never): infer Result } ? Result : never
}

/** Several aggregates as one: the state is the list of their states, the result an object with their names. */
export function combine<In>(spec: Aggregates<In>): Aggregate<In, readonly unknown[], Record<string, unknown>> {
  const names = Object.keys(spec)
  const parts = Object.values(spec)
  const size = parts.length
  return {
    name: names.map((name, i) => `${name}=${parts[i]!.name}`).join(','),
    fixedSize: parts.every((part) => part.fixedSize),
    initialize: () => parts.map((part) => part.initialize()),
    add(state, value, timeMs) {
      const next = new Array<unknown>(size)
      for (let i = 0; i < size; i++) next[i] = parts[i]!.add(state[i], value, timeMs)
      return next
    },
    merge: (a, b) => parts.map((part, i) => part.merge(a[i], b[i])),
    result(state) {
      const result: Record<string, unknown> = {}
      for (let i = 0; i < size; i++) result[names[i]!] = parts[i]!.result(state[i])
      return result
    },
  }
}

/** @throws MillraceError `CODE_FAILED` for what is no finite number: it would poison the aggregate for ever. */
export function finite(value: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new MillraceError('CODE_FAILED', { error: 'a value that is not a finite number', what: 'record' })
  return value
}
