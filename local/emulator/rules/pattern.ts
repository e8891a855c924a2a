/** One thing that a field may be. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
export type Condition =
  | string
  | number
  | boolean
  | null
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly 'equals-ignore-case': string }
  | { readonly exists: boolean }
  /** Pairs of `<`, `<=`, `=`, `>=`, `>` and a number, one or two. */
  | { readonly numeric: readonly (string | number)[] }
  | {
      readonly 'anything-but':
        | string
        | number
        | readonly (string | number)[]
        | { readonly prefix: string }
        | { readonly suffix: string }
    }

/** Fields, all of which must fit. A list fits when one of its conditions does; so does `$or`, of patterns. */
export interface ObjectPattern {
  readonly [field: string]: ObjectPattern | readonly Condition[] | readonly ObjectPattern[]
}

/** A number of a document, as it is written there: for equality 300, 300.0 and 3.0e2 are three numbers. */
export class WrittenNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Does a document fit, whose numbers are {@link WrittenNumber}s? */
export function fitsObject(pattern: ObjectPattern, document: unknown): boolean {
  if (Array.isArray(document)) return document.some((element) => fitsObject(pattern, element))
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or') return (wanted as readonly ObjectPattern[]).some((each) => fitsObject(each, document))
    const value = fieldOf(document, name)
    return isList(wanted) ? fitsOne(wanted as readonly Condition[], value) : fitsObject(wanted, value)
  })
}

/** Does a value fit one of the conditions? Of a list, one element is enough. undefined: there is no such field. */
export function fitsOne(conditions: readonly Condition[], value: unknown): boolean {
  const values = Array.isArray(value) ? value : [value]
  return conditions.some((condition) => values.some((each) => fits(condition, each)))
}

function fits(condition: Condition, value: unknown): boolean {
  if (typeof condition === 'number') return value instanceof WrittenNumber && value.text === String(condition)
  if (typeof condition !== 'object' || condition === null) return value === condition
  // "exists" works on leaves only: an object is none.
  if ('exists' in condition) return condition.exists === (value !== undefined && !isObject(value))
  if ('anything-but' in condition) return value !== undefined && !isOneOf(condition['anything-but'], value)
  if ('numeric' in condition) return value instanceof WrittenNumber && inRange(condition.numeric, Number(value.text))
  return typeof value === 'string' && fitsText(condition, value)
}

function fitsText(condition: Extract<Condition, object>, text: string): boolean {
  if ('prefix' in condition) return text.startsWith(condition.prefix)
  if ('suffix' in condition) return text.endsWith(condition.suffix)
  if ('equals-ignore-case' in condition) return text.toLowerCase() === condition['equals-ignore-case'].toLowerCase()
  return false
}

function isOneOf(excluded: Extract<Condition, { 'anything-but': unknown }>['anything-but'], value: unknown): boolean {
  const conditions = isList(excluded) ? excluded : [excluded]
  return (conditions as readonly Condition[]).some((condition) => fits(condition, value))
}

function inRange(bounds: readonly (string | number)[], value: number): boolean {
  for (let n = 0; n < bounds.length; n += 2)
    if (!comparisons[bounds[n] as keyof typeof comparisons](value, Number(bounds[n + 1]))) return false
  return true
}

/** The operators of `numeric`. */
export const comparisons = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '=': (a: number, b: number) => a === b,
  '>=': (a: number, b: number) => a >= b,
  '>': (a: number, b: number) => a > b,
} as const

function fieldOf(document: unknown, name: string): unknown {
  return isObject(document) && Object.hasOwn(document, name) ? (document as Record<string, unknown>)[name] : undefined
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof WrittenNumber)
