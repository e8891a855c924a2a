/** How a step of the naive matcher is declared. Letters stand for events. */
interface NaiveBase {
  readonly verb: 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy'
  readonly min: number
  readonly max: number
  readonly optional: boolean
  readonly inner: 'relaxed' | 'strict' | 'any'
  readonly until: ((event: string) => boolean) | undefined
  /** Time since the event before: of the first event, and of every further round. */
  readonly gap: number
  readonly loopGap: number
}
export interface NaiveStep extends NaiveBase {
  readonly kind: 'step'
  /** Number of the step in the pattern. */
  readonly number: number
  readonly greedy: boolean
  /** `taken`: the events that this step has taken. */
  readonly fits: (event: string, taken: readonly string[]) => boolean
}
export interface NaiveGroup extends NaiveBase {
  readonly kind: 'group'
  readonly parts: readonly NaivePart[]
}
export type NaivePart = NaiveStep | NaiveGroup

/** Where in the pattern one is: from the outermost part to the step, each with the how-manieth round of it. */
export type Place = readonly { readonly parts: readonly NaivePart[]; readonly i: number; readonly round: number }[]

/** A way on: which step takes next, and what that depends on. */
export interface Way {
  readonly place: Place
  readonly step: NaiveStep
  readonly contiguity: 'relaxed' | 'strict' | 'any'
  readonly gap: number
  /** One more event of the same loop. */
  readonly inside: boolean
  readonly nots: readonly NaiveStep[]
  /** Greedy loop before the step that leaves it nothing of its own. */
  readonly reserve: NaiveStep | undefined
  /** A notNext stands between that loop and the step: an event that it has let pass has ended the loop. */
  readonly behindNot: boolean
  readonly groupUntils: readonly ((event: string) => boolean)[]
}

/** A NOT that looks at the very next event, but not at one that the greedy loop before it could take. */
export interface NotNext {
  readonly not: NaiveStep
  readonly reserve: NaiveStep | undefined
}

/** Everything that may come after a place. */
export interface After {
  readonly ways: readonly Way[]
  readonly notNexts: readonly NotNext[]
  /** Nothing more is required. */
  readonly complete: boolean
  /** All that is left are these. */
  readonly absence: { readonly nots: readonly NaiveStep[]; readonly reserve: NaiveStep | undefined } | undefined
}

interface Join {
  readonly contiguity: Way['contiguity']
  readonly gap: number
}
/** The greedy loop that was gone through last, and whether a notNext has come since. */
interface Left {
  readonly reserve: NaiveStep | undefined
  readonly behindNot: boolean
}
interface Into extends Left {
  readonly ways: Way[]
  /** The end of the parts can be reached without an event. */
  readonly off: boolean
}

const isNot = (part: NaivePart): boolean => part.verb === 'notNext' || part.verb === 'notFollowedBy'

/** The step, if it is a loop that is greedy and could have gone on. */
export const reserving = (part: NaivePart): NaiveStep | undefined =>
  part.kind === 'step' && part.greedy && part.max > part.min ? part : undefined

const NOTHING_LEFT: Left = { reserve: undefined, behindNot: false }

/** The ways in which the pattern may begin. */
export const beginnings = (parts: readonly NaivePart[]): readonly Way[] =>
  into([], parts, 0, undefined, NOTHING_LEFT, []).ways

/** What may come after the event that has been taken at `place`. */
export function after(place: Place): After {
  const ways: Way[] = []
  const notNexts: NotNext[] = []
  const done = (complete: boolean, absence?: After['absence']): After => ({ ways, notNexts, complete, absence })
  let left = NOTHING_LEFT
  for (let depth = place.length - 1; depth >= 0; depth--) {
    const { parts, i, round } = place[depth]!
    const part = parts[i]!
    const outer = place.slice(0, depth)
    if (round < part.max) {
      const again = [...outer, { parts, i, round: round + 1 }]
      const join: Join = { contiguity: part.inner, gap: part.loopGap }
      if (part.kind === 'step') ways.push(wayTo(again, join, directNots(parts, i), NOTHING_LEFT, true))
      else ways.push(...into(again, part.parts, 0, join, left, directNots(parts, i)).ways)
    }
    if (round < part.min) return done(false)
    if (part.kind === 'step') left = { reserve: reserving(part), behindNot: false }
    const { reserve } = left
    const next = parts[i + 1]
    if (next?.verb === 'notNext') notNexts.push({ not: next as NaiveStep, reserve })
    const rest = parts.slice(i + 1)
    if (depth === 0 && rest.length > 0 && rest.every(isNot)) return done(false, { nots: rest as NaiveStep[], reserve })
    const further = into(outer, parts, i + 1, undefined, left, [])
    ways.push(...further.ways)
    if (!further.off) return done(false)
    left = further
  }
  return done(true)
}

/** The ways into parts from number i on. `head`: how the first of them joins. */
function into(
  outer: Place,
  parts: readonly NaivePart[],
  from: number,
  head: Join | undefined,
  leftBefore: Left,
  notsBefore: readonly NaiveStep[],
): Into {
  const ways: Way[] = []
  let nots = notsBefore
  let { reserve, behindNot } = leftBefore
  for (let i = from; i < parts.length; i++) {
    const part = parts[i]!
    if (isNot(part)) {
      if (part.verb === 'notFollowedBy') nots = [...nots, part as NaiveStep]
      else behindNot = true
      continue
    }
    const place = [...outer, { parts, i, round: 1 }]
    const join = joinOf(part, head)
    const left = { reserve, behindNot }
    if (part.kind === 'step') ways.push(wayTo(place, join, nots, left, false))
    else ways.push(...into(place, part.parts, 0, join, left, nots).ways)
    if (!part.optional) return { ways, off: false, ...left }
    reserve = reserving(part)
    behindNot = false
  }
  return { ways, off: true, reserve, behindNot }
}

function joinOf(part: NaivePart, head: Join | undefined): Join {
  if (part.verb === 'begin')
    return { contiguity: head?.contiguity ?? 'strict', gap: Math.min(head?.gap ?? Number.POSITIVE_INFINITY, part.gap) }
  const contiguity = part.verb === 'followedBy' ? 'relaxed' : part.verb === 'followedByAny' ? 'any' : 'strict'
  return { contiguity, gap: part.gap }
}

function wayTo(place: Place, { contiguity, gap }: Join, nots: readonly NaiveStep[], left: Left, inside: boolean): Way {
  const chain = place.map(({ parts, i }) => parts[i]!)
  const groupUntils = chain.slice(0, -1).flatMap((group) => (group.until === undefined ? [] : [group.until]))
  return { place, step: chain.at(-1) as NaiveStep, contiguity, gap, inside, nots, ...left, groupUntils }
}

/** The notFollowedBy right behind part i. */
function directNots(parts: readonly NaivePart[], i: number): NaiveStep[] {
  const nots: NaiveStep[] = []
  for (let j = i + 1; j < parts.length; j++) {
    const part = parts[j]!
    if (!isNot(part)) break
    if (part.verb === 'notFollowedBy') nots.push(part as NaiveStep)
  }
  return nots
}
