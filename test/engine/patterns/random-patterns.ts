import fc from 'fast-check'
import { compile } from '../../../shared/engine/patterns/compile.ts'
import type { ConditionData } from '../../../shared/engine/patterns/condition-data.ts'
import type { PatternData, StepData } from '../../../shared/engine/patterns/from-json.ts'
import type { SoFar } from '../../../shared/engine/patterns/match.ts'
import type { LoopOptions, Pattern, PatternBeginning, Skip } from '../../../shared/engine/patterns/pattern.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { isMillraceError } from '../../../shared/errors.ts'
import type { NaiveEvent, NaivePattern } from './naive.ts'
import type { NaivePart, NaiveStep } from './naive-ways.ts'

/** What a step and a group have in common, in a form that can be drawn, printed, and given to both sides. */
interface DrawnBase {
  readonly verb: NaiveStep['verb']
  readonly loop: readonly [min: number, max: number] | undefined
  readonly optional: boolean
  readonly inner: NaiveStep['inner']
  readonly until: string | undefined
  readonly gap: number | undefined
  readonly loopGap: number | undefined
}
/** Events are letters; a step fits some of them. */
export interface DrawnStep extends DrawnBase {
  readonly letters: string
  readonly greedy: boolean
  /** Fits only a letter that does not come before the last one that the step has taken. */
  readonly rising: boolean
}
export interface DrawnGroup extends DrawnBase {
  readonly parts: readonly DrawnPart[]
}
export type DrawnPart = DrawnStep | DrawnGroup
export interface Drawn {
  readonly parts: readonly DrawnPart[]
  readonly within: number | undefined
  readonly skip: NaivePattern['skip']
}

export interface Letter {
  readonly kind: string
}

const letters = ['a', 'b', 'c', 'd']
const someLetters = fc.subarray(letters, { minLength: 1, maxLength: 2 }).map((some) => some.join(''))
const mostly = <T>(usual: T, other: fc.Arbitrary<T>, weight = 3): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other })

const loops = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constant(Number.POSITIVE_INFINITY)),
  fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 0, max: 2 }))
    .map(([min, more]) => [min, min + more] as const),
)
const gap = mostly<number | undefined>(undefined, fc.integer({ min: 1, max: 6 }), 5)

const base = {
  loop: mostly<readonly [number, number] | undefined>(undefined, loops, 1),
  optional: mostly(false, fc.constant(true)),
  inner: mostly<DrawnBase['inner']>('relaxed', fc.constantFrom('strict', 'any')),
  until: mostly<string | undefined>(undefined, fc.constantFrom(...letters)),
  gap,
  loopGap: gap,
}
const anyStep: fc.Arbitrary<DrawnStep> = fc.record({
  ...base,
  verb: fc.constantFrom('next', 'followedBy', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy'),
  letters: someLetters,
  greedy: mostly(false, fc.constant(true)),
  rising: mostly(false, fc.constant(true), 6),
})
const anyGroup = (part: fc.Arbitrary<DrawnPart>): fc.Arbitrary<DrawnGroup> =>
  fc.record({
    ...base,
    verb: fc.constantFrom('next', 'followedBy', 'followedByAny'),
    parts: fc.array(part, { minLength: 1, maxLength: 3 }),
  })
const inGroup: fc.Arbitrary<DrawnPart> = fc.oneof(
  { weight: 5, arbitrary: anyStep },
  { weight: 1, arbitrary: anyGroup(anyStep) },
)
const anyPart: fc.Arbitrary<DrawnPart> = fc.oneof(
  { weight: 4, arbitrary: anyStep },
  { weight: 1, arbitrary: anyGroup(inGroup) },
)

const skips: fc.Arbitrary<NaivePattern['skip']> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('no-skip', 'to-next', 'past-last-event') },
  { weight: 1, arbitrary: fc.nat(3).map((toFirst) => ({ toFirst })) },
  { weight: 1, arbitrary: fc.nat(3).map((toLast) => ({ toLast })) },
)

/** Random patterns of one to four parts. */
const mixed: fc.Arbitrary<Drawn> = fc.record({
  parts: fc.array(anyPart, { minLength: 1, maxLength: 4 }).map((parts) => tidied(parts)),
  within: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 12 })),
  skip: skips,
})

const plain = { optional: false, inner: 'relaxed', until: undefined, gap: undefined, loopGap: undefined } as const
const step = (verb: DrawnStep['verb'], loop: fc.Arbitrary<DrawnStep['loop']>): fc.Arbitrary<DrawnStep> =>
  fc
    .tuple(someLetters, loop)
    .map(([some, of]) => ({ ...plain, greedy: false, rising: false, verb, letters: some, loop: of }))

/** A loop and one step after it, as in small-then-large. */
const loopThenOne: fc.Arbitrary<Drawn> = fc.record({
  parts: fc.tuple(step('begin', fc.option(loops, { nil: undefined })), step('followedBy', fc.constant(undefined))),
  within: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 12 })),
  skip: fc.constantFrom('no-skip', 'to-next', 'past-last-event'),
})

/** Patterns that may be declared. */
export const drawnPattern: fc.Arbitrary<Drawn> = fc
  .oneof({ weight: 4, arbitrary: mixed }, { weight: 1, arbitrary: loopThenOne })
  .filter(isAllowed)

const isNot = ({ verb }: DrawnPart): boolean => verb === 'notNext' || verb === 'notFollowedBy'

/** Leaves out most marks that would be refused. */
function tidied(parts: readonly DrawnPart[]): DrawnPart[] {
  const tidy: DrawnPart[] = []
  for (const [i, part] of parts.entries()) {
    const last = tidy.at(-1)
    let { verb } = part
    if (last === undefined) verb = 'begin'
    else if (isNot(part) && last.optional) verb = 'followedBy'
    else if (verb === 'notNext' && isNot(last)) verb = 'notFollowedBy'
    tidy.push(verb === 'notNext' || verb === 'notFollowedBy' ? notOf(part, verb) : takingOf(part, verb, i))
  }
  return tidy
}

const notOf = (part: DrawnPart, verb: DrawnStep['verb']): DrawnPart => ({
  ...(part as DrawnStep),
  ...plain,
  verb,
  loop: undefined,
  greedy: false,
})

function takingOf(part: DrawnPart, verb: DrawnStep['verb'], i: number): DrawnPart {
  const { loop } = part
  const marks = {
    verb,
    inner: loop === undefined ? 'relaxed' : part.inner,
    until: loop?.[1] === Number.POSITIVE_INFINITY ? part.until : undefined,
    gap: i === 0 ? undefined : part.gap,
    loopGap: loop === undefined ? undefined : part.loopGap,
  } as const
  if ('parts' in part) return { ...part, ...marks, parts: tidied(part.parts) }
  return { ...part, ...marks, greedy: part.greedy && loop !== undefined && part.inner !== 'any' }
}

/** True unless the declaration is refused, or is one that only hand-worked examples are about. */
export function isAllowed(drawn: Drawn): boolean {
  // A notNext that other NOTs follow to the end.
  const end = drawn.parts.slice(drawn.parts.findLastIndex((part) => !isNot(part)) + 1)
  if (end.length > 1 && end[0]!.verb === 'notNext') return false
  try {
    compile(declared(drawn, 'arrival'))
    return true
  } catch (error) {
    if (isMillraceError(error, 'PATTERN_INVALID')) return false
    throw error
  }
}

export const drawnEvents: fc.Arbitrary<NaiveEvent[]> = fc
  .array(fc.tuple(fc.constantFrom(...letters), fc.constantFrom(0, 1, 1, 2, 4)), { minLength: 1, maxLength: 8 })
  .map((drawn) =>
    drawn.map(([kind], i) => ({ kind, at: drawn.slice(0, i + 1).reduce((at, [, later]) => at + later, 100) })),
  )

/** The pattern for the naive matcher. */
export function naiveOf({ parts, within, skip }: Drawn): NaivePattern {
  let number = 0
  const partOf = (part: DrawnPart): NaivePart => {
    const { until, gap: ofFirst, loopGap, loop } = part
    const marks = {
      min: loop?.[0] ?? 1,
      max: loop?.[1] ?? 1,
      until: until === undefined ? undefined : (kind: string) => until === kind,
      gap: ofFirst ?? Number.POSITIVE_INFINITY,
      loopGap: loopGap ?? Number.POSITIVE_INFINITY,
    }
    if ('parts' in part) return { ...part, ...marks, kind: 'group', parts: part.parts.map(partOf) }
    const fits = (kind: string, taken: readonly string[]) =>
      part.letters.includes(kind) && (!part.rising || (taken.at(-1) ?? '') <= kind)
    return { ...part, ...marks, kind: 'step', number: number++, fits }
  }
  return { parts: parts.map(partOf), within: within ?? Number.POSITIVE_INFINITY, skip }
}

type Names = Record<string, Letter>
type Fits = (event: Letter) => boolean
type Building = Pattern<Letter, Names>
type Order = 'arrival' | { grace: number }

/** The pattern as it would be declared. */
export function declared({ parts, within, skip }: Drawn, order: Order): Building {
  const start = order === 'arrival' ? pattern<Letter>().order('arrival') : pattern<Letter>().order('event-time', order)
  let built = chain(start as PatternBeginning<Letter, Names>, parts, { number: 0 })
  if (within !== undefined) built = built.within(within)
  return built.skip(skipOf(skip))
}

function chain(
  start: PatternBeginning<Letter, Names>,
  parts: readonly DrawnPart[],
  count: { number: number },
): Building {
  return parts.reduce<Building | undefined>((before, part) => {
    const add = (before === undefined ? start.begin : before[part.verb as 'next']) as Building['next']
    if ('parts' in part) return marked(add((group) => chain(group, part.parts, count)) as Building, part)
    const number = count.number++
    return marked(add(String(number), conditionOf(part, number)) as Building, part)
  }, undefined)!
}

function skipOf(skip: NaivePattern['skip']): Skip<string> {
  if (typeof skip === 'string') return skip
  return 'toFirst' in skip ? { toFirst: String(skip.toFirst) } : { toLast: String(skip.toLast) }
}

function conditionOf({ letters: some, rising }: DrawnStep, i: number): Fits {
  if (!rising) return (event) => some.includes(event.kind)
  const rises = (event: Letter, soFar: SoFar<Names>) =>
    some.includes(event.kind) && (soFar.last(String(i))?.value.kind ?? '') <= event.kind
  return rises as Fits
}

function marked(built: Building, part: DrawnPart): Building {
  const { loop, inner, until, optional, gap: ofFirst, loopGap } = part
  const options: LoopOptions = loopGap === undefined ? {} : { gap: loopGap }
  if (loop !== undefined)
    built =
      loop[1] === Number.POSITIVE_INFINITY ? built.atLeast(loop[0], options) : built.times(loop[0], loop[1], options)
  if (inner === 'strict') built = built.consecutive()
  if (inner === 'any') built = built.allowCombinations()
  if ('greedy' in part && part.greedy) built = built.greedy()
  if (until !== undefined) built = built.until((event) => event.kind === until)
  if (ofFirst !== undefined) built = built.withinPrevious(ofFirst)
  return optional ? built.optional() : built
}

/** The pattern as data. */
export function dataOf({ parts, within, skip }: Drawn): PatternData {
  const count = { number: 0 }
  return {
    order: { kind: 'arrival' },
    steps: parts.map((part) => partData(part, count)),
    ...(within !== undefined && { withinMs: within }),
    skip: skipOf(skip),
  }
}

function partData(part: DrawnPart, count: { number: number }): StepData {
  const { verb, loop, inner, until, optional, gap: ofFirst, loopGap } = part
  const marks = {
    join: verb,
    ...(loop !== undefined && (loop[1] === Number.POSITIVE_INFINITY ? { atLeast: loop[0] } : { times: loop })),
    ...(loopGap !== undefined && { gapMs: loopGap }),
    ...(inner !== 'relaxed' && ({ inner: inner === 'strict' ? 'consecutive' : 'allowCombinations' } as const)),
    ...(until !== undefined && ({ until: { field: 'kind', is: '=', value: until } } as const)),
    ...(ofFirst !== undefined && { withinPreviousMs: ofFirst }),
    optional,
  }
  if ('parts' in part) return { ...marks, group: part.parts.map((each) => partData(each, count)) }
  const name = String(count.number++)
  const fits: ConditionData = { field: 'kind', in: [...part.letters] }
  const first: ConditionData = { running: 'count', of: name, is: '=', value: 0 }
  const rises: ConditionData = { field: 'kind', is: '>=', than: { last: name, field: ['kind'] } }
  return {
    ...marks,
    name,
    greedy: part.greedy,
    where: part.rising && !isNot(part) ? { all: [fits, { any: [first, rises] }] } : fits,
  }
}
