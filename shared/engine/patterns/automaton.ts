import { allParts, isNot, type PartSpec } from './declaration.ts'
import { type Edge, Graph, type Node } from './graph.ts'

/**
 * What a partial match in some state may do with an event: take it for `step`, pass over it, or die of it.
 * It does so if all conditions in `yes` hold and none in `no` does (bits: the conditions of the steps, then the untils),
 * and less than `gapMs` has gone by since the last event taken.
 */
export interface Move {
  readonly kind: 'take' | 'pass' | 'stop'
  readonly step: number
  readonly yes: number
  readonly no: number
  readonly gapMs: number
  /** State after it; {@link FINAL} when nothing is left to wait for. */
  readonly target: number
  /** A match is complete with this event (the partial match may go on none the less). */
  readonly completes: boolean
}

export interface State {
  /** Those that stay in the earlier step come first; of one step, taking before passing. */
  readonly moves: readonly Move[]
  /** All that is missing is the end of the window, or of a gap, without an event that is ruled out. */
  readonly pending: boolean
  /** The partial match ends so long after the last event taken: that is the longest that a way on is open. */
  readonly gapMs: number
}

/** State 0 is the start. */
export type Automaton = readonly State[]

export const FINAL = -1

/** Builds the automaton of a pattern: the states of its {@link Graph}, numbered in the order in which they are reached. */
export function buildAutomaton(parts: readonly PartSpec[]): Automaton {
  const graph = new Graph(parts)
  const nodes: Node[] = [graph.start]
  const ids = new Map<Node, number>([
    [graph.final, FINAL],
    [graph.start, 0],
  ])
  const idOf = (node: Node): number => {
    const known = ids.get(node)
    if (known !== undefined) return known
    ids.set(node, nodes.length)
    return nodes.push(node) - 1
  }
  const states: State[] = []
  for (let i = 0; i < nodes.length; i++) {
    // Nothing is passed over before the first event.
    const edges = resolve(nodes[i]!, 0, 0).filter((edge) => i > 0 || edge.kind === 'take')
    const moves = edges.map((edge) => ({ ...edge, target: idOf(edge.target), completes: completes(edge, graph.final) }))
    const pendingMs = pendingOf(nodes[i]!)
    states.push({ moves, pending: pendingMs !== undefined, gapMs: pendingMs ?? longestGap(nodes[i]!) })
  }
  return states
}

type Resolved = Edge & { readonly kind: 'take' | 'pass' | 'stop'; readonly step: number }

/** The edges of a state and of those that it may proceed to. */
function resolve(node: Node, yes: number, no: number): Resolved[] {
  const own: Resolved[] = []
  const further: Resolved[] = []
  for (const edge of node.edges) {
    const when = { yes: yes | edge.yes, no: no | edge.no }
    if ((when.yes & when.no) !== 0) continue
    if (edge.kind === 'proceed') further.push(...resolve(edge.target, when.yes, when.no))
    else own.push({ kind: edge.kind, target: edge.target, step: node.step, gapMs: edge.gapMs, ...when })
  }
  return [...own, ...further]
}

function completes({ kind, target }: Edge, final: Node): boolean {
  return kind === 'take' ? isComplete(target, final) : kind === 'pass' && target === final
}

/** True when nothing that is required is left. */
function isComplete(node: Node, final: Node): boolean {
  return node === final || node.edges.some((edge) => edge.kind === 'proceed' && isComplete(edge.target, final))
}

/** How long a way on is open, also one that no event can go: what waits for it is over when its time is. */
function longestGap({ edges }: Node): number {
  let gapMs = 0
  for (const { kind, target, gapMs: own } of edges)
    if (kind !== 'stop') gapMs = Math.max(gapMs, kind === 'proceed' ? longestGap(target) : own)
  return gapMs
}

/** How long to wait when that is all that is missing, at once or by leaving a loop; undefined: more is missing. */
function pendingOf(node: Node): number | undefined {
  if (node.pendingMs !== undefined) return node.pendingMs
  for (const edge of node.edges) {
    const pendingMs = edge.kind === 'proceed' ? pendingOf(edge.target) : undefined
    if (pendingMs !== undefined) return pendingMs
  }
  return undefined
}

/**
 * True when passing over an event that fits no condition changes nothing that can ever show. It does where a partial match
 * decides by it between ways on that differ: in the NOTs in force (behind a group), or in how a gap is read.
 */
export function passesNeutralEvents(parts: readonly PartSpec[]): boolean {
  const all = allParts(parts)
  if (all.some((part) => part.gapReading === 'flink')) return false
  if (all.some(isNot) && all.some((part) => part.kind === 'group')) return false
  return all.every(
    (part) => part.verb !== 'next' && part.verb !== 'notNext' && (isNot(part) || !part.loop || part.inner !== 'strict'),
  )
}

/** True unless it is certain that an event, of whose conditions by themselves `bits` hold, opens no partial match. */
export function mayStart(
  { automaton, iterative }: { readonly automaton: Automaton; readonly iterative: number },
  bits: number,
): boolean {
  for (const { yes, no } of automaton[0]!.moves)
    if (((bits | iterative) & yes) === yes && (bits & no) === 0) return true
  return false
}
