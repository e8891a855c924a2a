import fc from 'fast-check'
import type { Condition, Pattern, Skip } from '../../../shared/engine/patterns/pattern.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import type { NaiveEvent, NaivePattern, NaiveStep } from './naive.ts'

/** A pattern in a form that can be drawn, printed, and given to both sides. Events are letters; a step fits some of them. */
export interface DrawnStep {
  readonly verb: NaiveStep['verb']
  readonly letters: string
  readonly loop: readonly [min: number, max: number] | undefined
  readonly optional: boolean
  readonly greedy: boolean
  readonly inner: NaiveStep['inner']
  readonly until: string | undefined
  /** Fits only a letter that does not come before the last one taken. */
  readonly rising: boolean
}
export interface Drawn {
  readonly steps: readonly DrawnStep[]
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

const anyStep: fc.Arbitrary<DrawnStep> = fc.record({
  verb: fc.constantFrom('next', 'followedBy', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy'),
  letters: someLetters,
  loop: mostly<readonly [number, number] | undefined>(undefined, loops, 1),
  optional: mostly(false, fc.constant(true)),
  greedy: mostly(false, fc.constant(true)),
  inner: mostly<DrawnStep['inner']>('relaxed', fc.constantFrom('strict', 'any')),
  until: mostly<string | undefined>(undefined, fc.constantFrom(...letters)),
  rising: mostly(false, fc.constant(true), 6),
})

const skips = (steps: number): fc.Arbitrary<NaivePattern['skip']> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('no-skip', 'to-next', 'past-last-event') },
    { weight: 1, arbitrary: fc.nat(steps - 1).map((toFirst) => ({ toFirst })) },
    { weight: 1, arbitrary: fc.nat(steps - 1).map((toLast) => ({ toLast })) },
  )

/** Random patterns of one to four steps. Marks that would be refused are left out. */
const mixed: fc.Arbitrary<Drawn> = fc.array(anyStep, { minLength: 1, maxLength: 4 }).chain((drawn) => {
  const steps: DrawnStep[] = []
  for (const step of drawn) steps.push(tidied(step, steps))
  return fc.record({
    steps: fc.constant(steps),
    within: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 12 })),
    skip: skips(steps.length),
  })
})

const plain = { optional: false, greedy: false, inner: 'relaxed', until: undefined, rising: false } as const

/** A loop and one step after it, as in small-then-large. */
const loopThenOne: fc.Arbitrary<Drawn> = fc.record({
  steps: fc.tuple(
    fc.record({
      ...constants(plain),
      verb: fc.constant('begin' as const),
      letters: someLetters,
      loop: fc.option(loops, { nil: undefined }),
    }),
    fc.record({
      ...constants(plain),
      verb: fc.constant('followedBy' as const),
      letters: someLetters,
      loop: fc.constant(undefined),
    }),
  ),
  within: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 12 })),
  skip: fc.constantFrom('no-skip', 'to-next', 'past-last-event'),
})

function constants<T extends object>(values: T): { [Name in keyof T]: fc.Arbitrary<T[Name]> } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant(value)])) as {
    [Name in keyof T]: fc.Arbitrary<T[Name]>
  }
}

export const drawnPattern: fc.Arbitrary<Drawn> = fc.oneof(
  { weight: 4, arbitrary: mixed },
  { weight: 1, arbitrary: loopThenOne },
)

const isNot = (step: DrawnStep): boolean => step.verb === 'notNext' || step.verb === 'notFollowedBy'

function tidied(step: DrawnStep, before: readonly DrawnStep[]): DrawnStep {
  const last = before.at(-1)
  if (last === undefined) step = { ...step, verb: 'begin' }
  else if (isNot(step) && last.optional) step = { ...step, verb: 'followedBy' }
  else if (step.verb === 'notNext' && isNot(last)) step = { ...step, verb: 'notFollowedBy' }
  if (isNot(step))
    return { ...step, loop: undefined, optional: false, greedy: false, inner: 'relaxed', until: undefined }
  const afterGreedy = before.findLast((each) => !isNot(each))?.greedy === true
  const loop = step.loop
  return {
    ...step,
    optional: step.optional && !afterGreedy,
    greedy: step.greedy && loop !== undefined && step.inner !== 'any',
    inner: loop === undefined ? 'relaxed' : step.inner,
    until: loop?.[1] === Number.POSITIVE_INFINITY ? step.until : undefined,
  }
}

/** True unless the declaration would be refused. */
export function isAllowed({ steps, within, skip }: Drawn): boolean {
  if (steps.every((step) => isNot(step) || step.optional)) return false
  if (steps.at(-1)!.verb === 'notFollowedBy' && within === undefined) return false
  const after = steps.slice(steps.findLastIndex(isNot) + 1)
  if (steps.some(isNot) && after.length > 0 && after.every((step) => step.optional)) return false
  // A notNext that other NOTs follow to the end is left to hand-worked examples.
  const end = steps.slice(steps.findLastIndex((step) => !isNot(step)) + 1)
  if (end.length > 1 && end[0]!.verb === 'notNext') return false
  return typeof skip === 'string' || !isNot(steps['toFirst' in skip ? skip.toFirst : skip.toLast]!)
}

export const drawnEvents: fc.Arbitrary<NaiveEvent[]> = fc
  .array(fc.tuple(fc.constantFrom(...letters), fc.constantFrom(0, 1, 1, 2, 4)), { minLength: 1, maxLength: 8 })
  .map((drawn) =>
    drawn.map(([kind], i) => ({ kind, at: drawn.slice(0, i + 1).reduce((at, [, later]) => at + later, 100) })),
  )

/** The pattern for the naive matcher. */
export function naiveOf({ steps, within, skip }: Drawn): NaivePattern {
  return {
    steps: steps.map((step) => ({
      ...step,
      min: step.loop?.[0] ?? 1,
      max: step.loop?.[1] ?? 1,
      fits: (kind, taken) => step.letters.includes(kind) && (!step.rising || (taken.at(-1) ?? '') <= kind),
      until: step.until === undefined ? undefined : (kind) => step.until === kind,
    })),
    within: within ?? Number.POSITIVE_INFINITY,
    skip,
  }
}

type Names = Record<string, Letter>
type Building = Pattern<Letter, Names>

/** The pattern as it would be declared. */
export function declared({ steps, within, skip }: Drawn, order: 'arrival' | { grace: number }): Building {
  const start = order === 'arrival' ? pattern<Letter>().order('arrival') : pattern<Letter>().order('event-time', order)
  let built = steps.reduce<Building | undefined>((before, step, i) => {
    const add = before === undefined ? start.begin : before[step.verb as 'next']
    return marked((add as Building['next'])(String(i), conditionOf(step, i)) as Building, step)
  }, undefined)!
  if (within !== undefined) built = built.within(within)
  return built.skip(skipOf(skip))
}

function skipOf(skip: NaivePattern['skip']): Skip<string> {
  if (typeof skip === 'string') return skip
  return 'toFirst' in skip ? { toFirst: String(skip.toFirst) } : { toLast: String(skip.toLast) }
}

function conditionOf({ letters: some, rising }: DrawnStep, i: number): Condition<Letter, Names> {
  if (!rising) return (event) => some.includes(event.kind)
  return (event, soFar) => {
    const taken = Array.from({ length: i + 1 }, (_, step) => soFar.values(String(step))).flat()
    return some.includes(event.kind) && (taken.at(-1)?.kind ?? '') <= event.kind
  }
}

function marked(step: Building, { loop, greedy, inner, until, optional }: DrawnStep): Building {
  let built = step
  if (loop !== undefined)
    built = loop[1] === Number.POSITIVE_INFINITY ? built.atLeast(loop[0]) : built.times(loop[0], loop[1])
  if (inner === 'strict') built = built.consecutive()
  if (inner === 'any') built = built.allowCombinations()
  if (greedy) built = built.greedy()
  if (until !== undefined) built = built.until((event) => event.kind === until)
  return optional ? built.optional() : built
}
