import { checkName, checkOptions } from './check.ts'

/** A DynamoDB table that holds the newest result per key (and window), for users to query. `T` is the type of a row's value. */
export interface Table<T = unknown> {
  readonly kind: 'table'
  readonly name: string
  /** Type only: what rows hold. */
  readonly __row?: T
}

/**
 * Declares an output table. The physical table is per generation: `NAME` for generation 1, `NAME.2` and so on after it.
 *
 * @throws MillraceError `NAME_INVALID`
 */
export function table<T = unknown>(name: string, options: Record<never, never> = {}): Table<T> {
  checkName('table', name, 200)
  checkOptions(`table(${JSON.stringify(name)})`, options, [])
  return Object.freeze({ kind: 'table', name })
}

/** The name of the table that generation `generation` writes. */
export const physicalTable = (name: string, generation: number): string =>
  generation === 1 ? name : `${name}.${generation}`
