import { MillraceError } from '../../errors.ts'
import type { StoredCondition } from './declaration.ts'
import type { AnySteps, SoFar } from './match.ts'

/** A value of the event: the name of a field, or the way to it through objects. */
export type FieldData = string | readonly string[]
type Scalar = string | number | boolean | null
export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>='
type RunningName = 'count' | 'sum' | 'min' | 'max' | 'mean'

/**
 * What a field is compared with: a running value of the events that a step has taken so far, `times` so much (default 1)
 * and `plus` so much (default 0); or a field of the first or the last of them.
 */
export type OtherData =
  | { readonly running: RunningName; readonly of: string; readonly times?: number; readonly plus?: number }
  | { readonly first: string; readonly field: FieldData }
  | { readonly last: string; readonly field: FieldData }

/**
 * A condition as data. `=` holds for equal values of one type, the relations of order for two numbers or two strings; none
 * of them where a value is absent. `!=` is the opposite of `=`.
 */
export type ConditionData =
  | { readonly field: FieldData; readonly is: Relation; readonly value: Scalar }
  | { readonly field: FieldData; readonly is: Relation; readonly than: OtherData }
  | { readonly field: FieldData; readonly in: readonly Scalar[] }
  | { readonly running: RunningName; readonly of: string; readonly is: Relation; readonly value: number }
  | { readonly all: readonly ConditionData[] }
  | { readonly any: readonly ConditionData[] }
  | { readonly not: ConditionData }

/** Steps that a condition reads, to be held against those that there are. `measured`: it needs their measure. */
export interface StepUse {
  readonly where: string
  readonly step: string
  readonly measured: boolean
}

type Read = (event: unknown, soFar: SoFar<AnySteps, string>) => unknown
type Holds = (event: unknown, soFar: SoFar<AnySteps, string>) => boolean

/** Named bounds of conditions that come as data. */
export const conditionLimits = { depthMax: 16, listMax: 10_000, fieldDepthMax: 16 }

const relations: Readonly<Record<Relation, (a: unknown, b: unknown) => boolean>> = {
  '=': (a, b) => equal(a, b),
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => ordered(a, b) && (a as number) < (b as number),
  '<=': (a, b) => ordered(a, b) && (a as number) <= (b as number),
  '>': (a, b) => ordered(a, b) && (a as number) > (b as number),
  '>=': (a, b) => ordered(a, b) && (a as number) >= (b as number),
}
const equal = (a: unknown, b: unknown): boolean => a === b && a !== undefined
const ordered = (a: unknown, b: unknown): boolean =>
  typeof a === typeof b && (typeof a === 'number' || typeof a === 'string')

/** Refuses data that is not what it must be. */
export function invalid(where: string, option: string, given: unknown, must: string): never {
  throw new MillraceError('OPTION_INVALID', { where, option, given: given === undefined ? 'absent' : given, must })
}

/** @returns the fields of an object of data. @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN` */
export function fieldsOf(where: string, data: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) invalid(where, 'data', data, 'an object')
  for (const option of Object.keys(data))
    if (!known.includes(option)) throw new MillraceError('OPTION_UNKNOWN', { where, option, known: known.join(', ') })
  return data as Readonly<Record<string, unknown>>
}

/**
 * Makes a condition of data; it looks at the events so far only where the data does.
 * @param uses gets the steps that it reads
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function conditionOf(where: string, data: unknown, uses: StepUse[]): StoredCondition {
  const before = uses.length
  const holds = read(where, data, uses, 0)
  return uses.length > before ? holds : (event: unknown) => holds(event, undefined as never)
}

function read(where: string, data: unknown, uses: StepUse[], depth: number): Holds {
  if (depth > conditionLimits.depthMax) invalid(where, 'depth', depth, `at most ${conditionLimits.depthMax}`)
  const known = ['field', 'is', 'value', 'than', 'in', 'running', 'of', 'all', 'any', 'not']
  const fields = fieldsOf(where, data, known)
  const inner = (each: unknown, i: number) => read(`${where}[${i}]`, each, uses, depth + 1)
  if ('not' in fields) {
    only(where, fields, ['not'])
    const holds = read(`${where}.not`, fields.not, uses, depth + 1)
    return (event, soFar) => !holds(event, soFar)
  }
  for (const joint of ['all', 'any'] as const)
    if (joint in fields) {
      only(where, fields, [joint])
      const each = listOf(`${where}.${joint}`, fields[joint], 100).map(inner)
      return joint === 'all'
        ? (event, soFar) => each.every((holds) => holds(event, soFar))
        : (event, soFar) => each.some((holds) => holds(event, soFar))
    }
  return comparison(where, fields, uses)
}

function comparison(where: string, fields: Readonly<Record<string, unknown>>, uses: StepUse[]): Holds {
  if ('in' in fields) {
    only(where, fields, ['field', 'in'])
    const list = listOf(`${where}.in`, fields.in, conditionLimits.listMax)
    for (const each of list) scalar(`${where}.in`, each)
    const values = new Set(list)
    const of = fieldReader(where, fields.field)
    return (event) => values.has(of(event))
  }
  const relation = Object.hasOwn(relations, fields.is as string) ? relations[fields.is as Relation] : undefined
  if (relation === undefined) invalid(where, 'is', fields.is, Object.keys(relations).join(', '))
  if ('running' in fields) {
    only(where, fields, ['running', 'of', 'is', 'value'])
    const running = runningReader(where, fields, uses)
    const { value } = fields
    if (typeof value !== 'number') invalid(where, 'value', value, 'a number')
    return (_, soFar) => relation(running(undefined, soFar), value)
  }
  const of = fieldReader(where, fields.field)
  if ('than' in fields) {
    only(where, fields, ['field', 'is', 'than'])
    const other = otherReader(`${where}.than`, fields.than, uses)
    return (event, soFar) => relation(of(event), other(event, soFar))
  }
  only(where, fields, ['field', 'is', 'value'])
  const value = scalar(where, fields.value)
  return (event) => relation(of(event), value)
}

function otherReader(where: string, data: unknown, uses: StepUse[]): Read {
  const fields = fieldsOf(where, data, ['running', 'of', 'times', 'plus', 'first', 'last', 'field'])
  if ('running' in fields) {
    only(where, fields, ['running', 'of', 'times', 'plus'])
    const { times = 1, plus = 0 } = fields
    if (!Number.isFinite(times)) invalid(where, 'times', times, 'a number')
    if (!Number.isFinite(plus)) invalid(where, 'plus', plus, 'a number')
    const running = runningReader(where, fields, uses)
    return (event, soFar) => {
      const value = running(event, soFar)
      return value === undefined ? undefined : (value as number) * (times as number) + (plus as number)
    }
  }
  const which = 'first' in fields ? 'first' : 'last'
  only(where, fields, [which, 'field'])
  const step = stepName(where, which, fields[which])
  const of = fieldReader(where, fields.field)
  uses.push({ where, step, measured: false })
  return (_, soFar) => of(soFar[which](step)?.value)
}

function runningReader(where: string, { running, of }: Readonly<Record<string, unknown>>, uses: StepUse[]): Read {
  const names = ['count', 'sum', 'min', 'max', 'mean'] as const
  const name = names.find((each) => each === running)
  if (name === undefined) invalid(where, 'running', running, names.join(', '))
  const step = stepName(where, 'of', of)
  uses.push({ where, step, measured: name !== 'count' })
  return (_, soFar) => soFar[name](step)
}

/** Reads a field; only what an object itself has, so that no name reaches anything else. */
export function fieldReader(where: string, field: unknown): (event: unknown) => unknown {
  const path = typeof field === 'string' ? [field] : field
  const valid = Array.isArray(path) && path.length > 0 && path.every((name) => typeof name === 'string' && name !== '')
  if (!valid || path.length > conditionLimits.fieldDepthMax)
    invalid(where, 'field', field, 'the name of a field, or a list of names that leads to one')
  return (event) => {
    let value = event
    for (const name of path as string[]) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
      value = (value as Record<string, unknown>)[name]
    }
    return value
  }
}

function only(where: string, fields: object, known: readonly string[]): void {
  fieldsOf(where, fields, known)
}

export function listOf(where: string, data: unknown, max: number): readonly unknown[] {
  if (!Array.isArray(data) || data.length === 0 || data.length > max)
    invalid(where, 'list', Array.isArray(data) ? `a list of ${data.length}` : data, `a list of 1 to ${max}`)
  return data
}

function stepName(where: string, option: string, given: unknown): string {
  if (typeof given !== 'string') invalid(where, option, given, 'the name of a step')
  return given
}

function scalar(where: string, value: unknown): Scalar {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  return invalid(where, 'value', value, 'a number, a text, true, false or null')
}
