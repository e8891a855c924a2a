import { MillraceError } from '../../errors.ts'
import type { DurationMs } from '../../time.ts'
import { compile } from './compile.ts'
import {
  type ConditionData,
  conditionOf,
  type FieldData,
  fieldReader,
  fieldsOf,
  invalid,
  listOf,
  type StepUse,
} from './condition-data.ts'
import { isNot, type StepSpec, stepsOf } from './declaration.ts'
import { type PatternBounds, patternLimits } from './limits.ts'
import { type Pattern, type PatternBeginning, type PatternStart, pattern, type Skip } from './pattern.ts'

interface MarksData {
  /** How it joins what comes before; the first: `begin`, or left out. */
  readonly join?: 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy'
  readonly times?: number | readonly [from: number, to: number]
  readonly atLeast?: number
  readonly gapMs?: DurationMs
  readonly gapReading?: 'every' | 'flink'
  readonly inner?: 'consecutive' | 'allowCombinations'
  readonly greedy?: boolean
  readonly until?: ConditionData
  readonly optional?: boolean
  readonly withinPreviousMs?: DurationMs
}

/** A step, or a group of steps, as data. */
export type StepData =
  | (MarksData & { readonly name: string; readonly where: ConditionData; readonly measure?: FieldData })
  | (MarksData & { readonly group: readonly StepData[] })

/** A pattern as data: what rules that are changed without a deploy are made of. */
export interface PatternData {
  /** Left out where the list that the rule stands in says it. */
  readonly order?: { readonly kind: 'arrival' } | { readonly kind: 'event-time'; readonly graceMs: DurationMs }
  readonly steps: readonly StepData[]
  readonly withinMs?: DurationMs
  readonly skip?: Skip<string>
  readonly bounds?: Partial<PatternBounds>
}

type Loose<T> = Pattern<T, Record<string, T>, string>
type Start<T> = PatternStart<T> | PatternBeginning<T>

const FIELDS = ['order', 'steps', 'withinMs', 'skip', 'bounds']
const MARKS = [
  'join',
  'times',
  'atLeast',
  'gapMs',
  'gapReading',
  'inner',
  'greedy',
  'until',
  'optional',
  'withinPreviousMs',
]

/**
 * Makes a pattern of a plain description of one, which may come from anywhere: what it does not say plainly is refused, and
 * so is what could not run.
 * @param data a {@link PatternData}
 * @param start of a pattern, or where a list says in which order events are looked at, its begin
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `PATTERN_INVALID`, `DURATION_INVALID`
 * @example patternFromJson({ order: { kind: 'arrival' }, steps: [{ name: 'small', where: { field: 'amount', is: '<', value: 1 }, atLeast: 3 }], withinMs: 60_000 })
 */
export function patternFromJson<T = Readonly<Record<string, unknown>>>(
  data: unknown,
  start: Start<T> = pattern<T>(),
): Loose<T> {
  const where = 'patternFromJson()'
  const { order, steps, withinMs, skip, bounds } = fieldsOf(where, data, FIELDS)
  const uses: StepUse[] = []
  let built = chain(`${where} steps`, steps, begun(where, order, start), uses, 0)
  if (withinMs !== undefined) built = built.within(withinMs as DurationMs)
  if (skip !== undefined) built = built.skip(skip as Skip<string>)
  if (bounds !== undefined) built = built.bounds(bounds as Partial<PatternBounds>)
  checkUses(uses, stepsOf(built.spec.parts))
  compile(built)
  return built
}

function begun<T>(where: string, order: unknown, start: Start<T>): PatternBeginning<T> {
  if ('begin' in start) {
    if (order !== undefined) invalid(where, 'order', order, 'left out: the list of rules says it')
    return start
  }
  const { kind, graceMs } = fieldsOf(`${where} order`, order, ['kind', 'graceMs'])
  if (kind === 'event-time') return start.order(kind, { grace: graceMs as DurationMs })
  return (start.order as (kind: unknown, options?: object) => PatternBeginning<T>)(
    kind,
    graceMs === undefined ? undefined : { graceMs },
  )
}

function chain<T>(where: string, data: unknown, start: PatternBeginning<T>, uses: StepUse[], depth: number): Loose<T> {
  if (depth > 8) invalid(where, 'group', 'a group', 'at most 8 groups deep')
  let built: Loose<T> | undefined
  for (const [i, each] of listOf(where, data, patternLimits.conditionsMax).entries())
    built = added(`${where}[${i}]`, each, built ?? start, built === undefined, uses, depth)
  return built!
}

function added<T>(
  where: string,
  data: unknown,
  before: object,
  isFirst: boolean,
  uses: StepUse[],
  depth: number,
): Loose<T> {
  const fields = fieldsOf(where, data, ['name', 'where', 'measure', 'group', ...MARKS])
  const joins = isFirst ? ['begin'] : ['next', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy']
  const join = isFirst ? (fields.join ?? 'begin') : fields.join
  if (!joins.includes(join as string)) invalid(where, 'join', join, joins.join(', '))
  const add = (before as Record<string, (...given: unknown[]) => Loose<T>>)[join as string]!
  if ('group' in fields) {
    fieldsOf(where, data, ['group', ...MARKS])
    const group = (start: PatternBeginning<T>) => chain(`${where}.group`, fields.group, start, uses, depth + 1)
    return marked(where, fields, add(group), uses)
  }
  const condition = conditionOf(`${where}.where`, fields.where, uses)
  const measure = fields.measure === undefined ? undefined : fieldReader(`${where}.measure`, fields.measure)
  const options = measure === undefined ? [] : [{ measure }]
  return marked(where, fields, add(fields.name, condition, ...options), uses)
}

function marked<T>(
  where: string,
  fields: Readonly<Record<string, unknown>>,
  step: Loose<T>,
  uses: StepUse[],
): Loose<T> {
  const { times, atLeast, gapMs, gapReading, inner, until, withinPreviousMs } = fields
  const gap = {
    ...(gapMs !== undefined && { gap: gapMs as DurationMs }),
    ...(gapReading !== undefined && { gapReading: gapReading as 'flink' }),
  }
  if (gapReading !== undefined && gapMs === undefined)
    invalid(where, 'gapReading', gapReading, 'beside gapMs, or left out')
  if (times === undefined && atLeast === undefined && gapMs !== undefined)
    invalid(where, 'gapMs', gapMs, 'beside times or atLeast')
  let built = step
  if (times !== undefined) {
    const [from, to = from] = Array.isArray(times) ? fromAndTo(where, times) : [times]
    built = built.times(from as number, to as number, gap)
  }
  if (atLeast !== undefined) built = built.atLeast(atLeast as number, gap)
  if (inner === 'consecutive' || inner === 'allowCombinations') built = built[inner]()
  else if (inner !== undefined) invalid(where, 'inner', inner, "'consecutive' or 'allowCombinations'")
  if (flag(where, fields, 'greedy')) built = built.greedy()
  if (until !== undefined) built = built.until(conditionOf(`${where}.until`, until, uses) as never)
  if (withinPreviousMs !== undefined) built = built.withinPrevious(withinPreviousMs as DurationMs)
  return flag(where, fields, 'optional') ? built.optional() : built
}

function fromAndTo(where: string, times: readonly unknown[]): readonly unknown[] {
  if (times.length !== 2) invalid(where, 'times', times, 'a number, or a list of two: from and to')
  return times
}

function flag(where: string, fields: Readonly<Record<string, unknown>>, name: string): boolean {
  const given = fields[name] ?? false
  if (typeof given !== 'boolean') invalid(where, name, given, 'true or false')
  return given
}

function checkUses(uses: readonly StepUse[], steps: readonly StepSpec[]): void {
  const taking = steps.filter((step) => !isNot(step))
  for (const { where, step, measured } of uses) {
    const used = taking.find((each) => each.name === step)
    const known = taking.map(({ name }) => name).join(', ')
    if (used === undefined)
      throw new MillraceError('PATTERN_INVALID', {
        where,
        problem: `There is no step called ${JSON.stringify(step)} that takes events.`,
        fix: `Steps are: ${known}.`,
      })
    if (measured && used.measure === undefined)
      throw new MillraceError('PATTERN_INVALID', {
        where,
        problem: `The step ${JSON.stringify(step)} has no measure to add up or compare.`,
        fix: 'Give it one: "measure": "amount".',
      })
  }
}
