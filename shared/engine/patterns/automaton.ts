import { isNot, type StepSpec } from './declaration.ts'
import { type Edge, Graph, type Node } from './graph.ts'

/**
 * What a partial match in some state may do with an event: take it for `step`, pass over it, or die of it.
 * It does so if all conditions in `yes` hold and none in `no` does (bits: the conditions of the steps, then the untils).
 */
export interface Move {
  readonly kind: 'take' | 'pass' | 'stop'
  readonly step: number
  readonly yes: number
  readonly no: number
  /** State after it; {@link FINAL} when nothing is left to wait for. */
  readonly target: number
  /** A match is complete with this event (the partial match may go on none the less). */
  readonly completes: boolean
}

export interface State {
  /** Those that stay in the earlier step come first; of one step, taking before passing. */
  readonly moves: readonly Move[]
  /** All that is missing is the end of the window without an event that is ruled out. */
  readonly pending: boolean
}

/** State 0 is the start. */
export type Automaton = readonly State[]

export const FINAL = -1

/** Builds the automaton of a pattern: the states of its {@link Graph}, numbered in the order in which they are reached. */
export function buildAutomaton(steps: readonly StepSpec[]): Automaton {
  const graph = new Graph(steps)
  const nodes: Node[] = [graph.start()]
  const ids = new Map<Node, number>([
    [graph.final, FINAL],
    [nodes[0]!, 0],
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
    states.push({ moves, pending: isPending(nodes[i]!) })
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
    else own.push({ kind: edge.kind, target: edge.target, step: node.step, ...when })
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

/** True when only the end of the window is left to wait for, at once or by leaving a loop. */
function isPending(node: Node): boolean {
  return node.pending || node.edges.some((edge) => edge.kind === 'proceed' && isPending(edge.target))
}

/** True when passing over an event that fits no condition changes nothing that can ever show. */
export const passesNeutralEvents = (steps: readonly StepSpec[]): boolean =>
  steps.every(
    (step) => step.verb !== 'next' && step.verb !== 'notNext' && (isNot(step) || !step.loop || step.inner !== 'strict'),
  )
