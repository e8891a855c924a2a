import { MillraceError } from '../../../shared/errors.ts'
import type { MappingSettings } from '../settings.ts'
import { type Condition, comparisons, fitsObject, fitsOne, type ObjectPattern, WrittenNumber } from './pattern.ts'

const FILTERS_MAX = 5
const OPERATORS = new Set(['prefix', 'suffix', 'equals-ignore-case', 'exists', 'numeric', 'anything-but'])

/** A filter sees nothing but the value: fields of a JSON object, or conditions on a plain text. */
export interface FilterPattern {
  readonly value: ObjectPattern | readonly Condition[]
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// Node hands over how a number is written; TypeScript's library does not know it yet.
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { source: string }) => unknown,
) => unknown

/**
 * Rule 5: is a record with this value delivered? One filter that lets it through is enough, and a filter that cannot be
 * applied (JSON met by a pattern for text, text by one for JSON, bytes that are no UTF-8) lets it through.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html
 */
export function isDelivered(
  value: Uint8Array | null,
  { filters, filteredNulls }: Pick<MappingSettings, 'filters' | 'filteredNulls'>,
): boolean {
  if (filters.length === 0) return true
  if (value === null) return filteredNulls === 'deliver'
  const text = utf8(value)
  if (text === undefined) return true
  const document = json(text)
  return filters.some(({ value: pattern }) => {
    const isForText = Array.isArray(pattern)
    if (isForText !== (document === undefined)) return true
    return isForText ? fitsOne(pattern, text) : fitsObject(pattern as ObjectPattern, document)
  })
}

/** undefined: it is not UTF-8. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** undefined: it is not JSON. */
function json(text: string): unknown {
  try {
    return parse(text, (_, value, { source }) => (typeof value === 'number' ? new WrittenNumber(source) : value))
  } catch {
    return undefined
  }
}

/** @throws MillraceError `OPTION_INVALID` for a filter that AWS would refuse, or that would see nothing */
export function checkFilters(filters: readonly FilterPattern[]): void {
  if (filters.length > FILTERS_MAX) refuse(filters.length, `a list of ${FILTERS_MAX} at most`)
  for (const filter of filters) {
    const isReadable = Object.keys(filter).join() === 'value' && typeof filter.value === 'object' && filter.value
    if (!isReadable) refuse(filter, 'a pattern of the value alone, as in {value: {status: ["paid"]}}')
    check(filter.value)
  }
}

function check(pattern: unknown): void {
  if (Array.isArray(pattern)) {
    pattern.forEach(checkCondition)
    return
  }
  if (typeof pattern !== 'object' || pattern === null || Object.keys(pattern).length === 0)
    refuse(pattern, 'an object of fields, or a list of conditions')
  for (const [name, below] of Object.entries(pattern)) {
    if (name === '$or' && Array.isArray(below)) below.forEach(check)
    else check(below)
  }
}

function checkCondition(condition: unknown): void {
  if (typeof condition !== 'object' || condition === null) return
  const [operator, ...others] = Object.keys(condition)
  if (!operator || others.length > 0 || !OPERATORS.has(operator))
    refuse(condition, `a value, or one operator of ${[...OPERATORS].join(', ')}`)
  if ('numeric' in condition && !isNumeric(condition.numeric)) refuse(condition, 'as in {numeric: [">", 0, "<=", 5]}')
}

function isNumeric(bounds: unknown): boolean {
  if (!Array.isArray(bounds) || (bounds.length !== 2 && bounds.length !== 4)) return false
  return bounds.every((bound, n) => (n % 2 === 0 ? Object.hasOwn(comparisons, bound) : Number.isFinite(bound)))
}

function refuse(given: unknown, must: string): never {
  throw new MillraceError('OPTION_INVALID', { where: 'The event source mapping', option: 'filters', given, must })
}
