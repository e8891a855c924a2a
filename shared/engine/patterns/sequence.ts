import type { InnerContiguity, PartSpec } from './declaration.ts'

/** How a part joins what was taken before it. */
export interface Join {
  readonly contiguity: InnerContiguity
  /** Its first event is less than this after the one taken before it. */
  readonly gapMs: number
}

/** Parts that are gone through one after the other: the pattern, or one round of a group. */
export interface Sequence<Node> {
  /** Tells the states of sequences apart. */
  readonly name: string
  readonly parts: readonly PartSpec[]
  /** How its first part joins; undefined: nothing comes before. */
  readonly head: Join | undefined
  /** Bits of the untils of the groups around it. */
  readonly untils: number
  /** The state once all of it is done, with the notFollowedBy in force and the greedy loop it ended with. */
  end(nots: number, greedy: Loop | undefined): Node
}

/** A greedy loop that is over: bits of its condition and of its until. */
export interface Loop {
  readonly name: string
  readonly take: number
  readonly until: number
}

/** How part i joins, by its verb, or at the head of a sequence by that of the group; undefined: nothing comes before. */
export function verbJoin({ parts, head }: Sequence<unknown>, i: number): Join | undefined {
  const { verb, gapMs } = parts[i]!
  if (verb === 'begin') return head && { ...head, gapMs: Math.min(head.gapMs, gapMs) }
  const contiguity = verb === 'followedBy' ? 'relaxed' : verb === 'followedByAny' ? 'any' : 'strict'
  return { contiguity, gapMs }
}

/** The limit of a loop's gap for its n-th round; infinite: none. Read as Flink does, or for every round after the first. */
export function loopGap({ loopGapMs, gapReading, min, max }: PartSpec, n: number): number {
  const unbounded = max === Number.POSITIVE_INFINITY
  const limited = gapReading === 'every' ? n > 1 : n === 1 || n < (unbounded ? min : max)
  return limited ? loopGapMs : Number.POSITIVE_INFINITY
}
