import { isElastic, isNot, type StepSpec } from './declaration.ts'

/**
 * What a partial match in some state may do with an event: take it for `step`, pass over it, or die of it.
 * It does so if all conditions in `yes` hold and none in `no` does (bits: see {@link conditionsOf}).
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
  readonly moves: readonly Move[]
  /** All that is missing is the end of the window without an event that is ruled out. */
  readonly pending: boolean
}

export interface Automaton {
  /** State 0 is the start. */
  readonly states: readonly State[]
}

export const FINAL = -1

/** Bit of each step's condition and of its `until`: first all conditions in order of the steps, then the untils. */
export interface ConditionBits {
  readonly take: readonly number[]
  readonly until: readonly number[]
}

export function conditionBits(steps: readonly StepSpec[]): ConditionBits {
  let bit = steps.length
  return { take: steps.map((_, i) => 1 << i), until: steps.map((step) => (step.until === undefined ? 0 : 1 << bit++)) }
}

interface When {
  readonly yes: number
  readonly no: number
}
interface Edge extends When {
  readonly kind: 'take' | 'pass' | 'stop' | 'proceed'
  readonly target: Node
}
interface Node {
  readonly step: number
  edges: Edge[]
  pending: boolean
}

/**
 * Builds the automaton of a pattern, with the branching of Flink's: where a step or a further round of a loop may be left
 * out, a partial match decides at the next event, by branching into one that stays and one that moves on; the one that
 * stays loses the choice, so that each way is gone once.
 * https://github.com/apache/flink/blob/master/flink-libraries/flink-cep/src/main/java/org/apache/flink/cep/nfa/compiler/NFACompiler.java
 */
export function buildAutomaton(steps: readonly StepSpec[]): Automaton {
  const graph = new Graph(steps)
  return number(graph.start(), graph.final)
}

class Graph {
  readonly final: Node = { step: -1, edges: [], pending: false }
  readonly #steps: readonly StepSpec[]
  readonly #bits: ConditionBits
  readonly #entries = new Map<string, Node>()

  constructor(steps: readonly StepSpec[]) {
    this.#steps = steps
    this.#bits = conditionBits(steps)
  }

  start(): Node {
    return this.#entry(0, 0, 0)
  }

  /**
   * Waiting for step i, with the NOTs in force. `reserved`: condition of a greedy loop before it, whose events are left to the loop.
   */
  #entry(i: number, nots: number, reserved: number): Node {
    const key = `${i} ${nots} ${reserved}`
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const node = this.#newEntry(i, nots, reserved)
    this.#entries.set(key, node)
    return node
  }

  #newEntry(i: number, nots: number, reserved: number): Node {
    const step = this.#steps[i]
    if (step === undefined) return nots === 0 ? this.final : this.#pendingEnd(nots, reserved)
    if (step.verb === 'notFollowedBy') return this.#entry(i + 1, nots | this.#bits.take[i]!, reserved)
    if (step.verb === 'notNext') return this.#notNext(i, reserved)
    const when = { yes: this.#bits.take[i]!, no: this.#bits.until[i]! | reserved }
    const node: Node = { step: i, edges: [], pending: false }
    this.#fill(
      node,
      this.#afterTaking(i, 1),
      when,
      this.#passing(i, reserved),
      this.#stops(nots, reserved),
      step.optional,
    )
    if (step.optional) this.#leave(node, i, nots)
    return node
  }

  /** On to the next step; what a greedy loop could take is kept from that step, unless `until` has ended the loop. */
  #leave(node: Node, i: number, nots: number): void {
    const reserved = this.#reservedAfter(i)
    const until = this.#bits.until[i]!
    node.edges.push({
      kind: 'proceed',
      yes: 0,
      no: reserved === 0 ? 0 : until,
      target: this.#entry(i + 1, nots, reserved),
    })
    if (reserved !== 0 && until !== 0)
      node.edges.push({ kind: 'proceed', yes: until, no: 0, target: this.#entry(i + 1, nots, 0) })
  }

  /** What step i may pass over before its first event. undefined: nothing. */
  #passing(i: number, reserved: number): When | undefined {
    const { verb } = this.#steps[i]!
    if (verb === 'next' || verb === 'begin') return undefined
    return { yes: 0, no: reserved | (verb === 'followedBy' ? this.#bits.take[i]! : 0) }
  }

  /** What a loop may pass over between two of its events. */
  #passingInside(i: number): When | undefined {
    const { inner } = this.#steps[i]!
    if (inner === 'strict') return undefined
    return { yes: 0, no: this.#bits.until[i]! | (inner === 'relaxed' ? this.#bits.take[i]! : 0) }
  }

  /** The state once step i has taken its n-th event. */
  #afterTaking(i: number, n: number): Node {
    const step = this.#steps[i]!
    if (n >= step.max) return this.#entry(i + 1, 0, this.#reservedAfter(i))
    const unbounded = step.max === Number.POSITIVE_INFINITY
    const round = unbounded ? Math.min(n, step.min) : n
    const key = `${i} after ${round}`
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const node: Node = { step: i, edges: [], pending: false }
    this.#entries.set(key, node)
    const mayLeave = n >= step.min
    const target = unbounded && mayLeave ? node : this.#afterTaking(i, n + 1)
    const when = { yes: this.#bits.take[i]!, no: this.#bits.until[i]! }
    this.#fill(node, target, when, this.#passingInside(i), this.#stops(this.#notsAfter(i), 0), mayLeave)
    if (mayLeave) this.#leave(node, i, 0)
    return node
  }

  #reservedAfter(i: number): number {
    const step = this.#steps[i]!
    return step.greedy && isElastic(step) ? this.#bits.take[i]! : 0
  }

  /** The notFollowedBy between step i and the next that takes events: in force from the first event of its loop on. */
  #notsAfter(i: number): number {
    let nots = 0
    for (let j = i + 1; j < this.#steps.length && isNot(this.#steps[j]!); j++)
      if (this.#steps[j]!.verb === 'notFollowedBy') nots |= this.#bits.take[j]!
    return nots
  }

  #fill(node: Node, target: Node, take: When, pass: When | undefined, stops: readonly Edge[], mayLeave: boolean): void {
    const edges: Edge[] = [{ kind: 'take', ...take, target }, ...stops]
    node.edges.push(...edges)
    if (pass === undefined) return
    const stayed: Node = mayLeave ? { step: node.step, edges, pending: false } : node
    if (mayLeave) stayed.edges.push({ kind: 'pass', ...pass, target: stayed })
    node.edges.push({ kind: 'pass', ...pass, target: stayed })
  }

  #stops(nots: number, reserved: number): Edge[] {
    return bitsOf(nots).map((bit) => ({ kind: 'stop', yes: bit, no: reserved, target: this.final }))
  }

  /** At the end of the pattern, an event that does not fit is needed: it completes the match and is not part of it. */
  #notNext(i: number, reserved: number): Node {
    const bit = this.#bits.take[i]!
    const rest = this.#entry(i + 1, 0, 0)
    const kind = rest === this.final ? 'pass' : 'proceed'
    const edges: Edge[] = [{ kind, yes: 0, no: bit | reserved, target: rest }, ...this.#stops(bit, reserved)]
    return { step: i, edges, pending: false }
  }

  #pendingEnd(nots: number, reserved: number): Node {
    const node: Node = { step: this.#steps.length, edges: this.#stops(nots, reserved), pending: true }
    node.edges.push({ kind: 'pass', yes: 0, no: nots | reserved, target: node })
    return node
  }
}

const bitsOf = (set: number): number[] =>
  Array.from({ length: 31 }, (_, i) => 1 << i).filter((bit) => (set & bit) !== 0)

/** Numbers the states in the order in which they are reached and resolves the edges that take no event. */
function number(start: Node, final: Node): Automaton {
  const nodes: Node[] = [start]
  const ids = new Map<Node, number>([
    [final, FINAL],
    [start, 0],
  ])
  const states: State[] = []
  for (let i = 0; i < nodes.length; i++) {
    const moves = resolve(nodes[i]!, 0, 0).map((edge): Move => {
      if (!ids.has(edge.target)) {
        ids.set(edge.target, nodes.length)
        nodes.push(edge.target)
      }
      const completes =
        edge.kind === 'take' ? isComplete(edge.target, final) : edge.kind === 'pass' && edge.target === final
      return { kind: edge.kind, step: edge.step, yes: edge.yes, no: edge.no, target: ids.get(edge.target)!, completes }
    })
    states.push({
      moves: i === 0 ? moves.filter((move) => move.kind === 'take') : moves,
      pending: isPending(nodes[i]!),
    })
  }
  return { states }
}

type Resolved = Edge & { readonly kind: 'take' | 'pass' | 'stop'; readonly step: number }

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

/** True when only the end of the window is left to wait for, at once or by leaving a loop. */
function isPending(node: Node): boolean {
  return node.pending || node.edges.some((edge) => edge.kind === 'proceed' && isPending(edge.target))
}

/** True when nothing that is required is left. */
function isComplete(node: Node, final: Node): boolean {
  return node === final || node.edges.some((edge) => edge.kind === 'proceed' && isComplete(edge.target, final))
}

/** True when passing over an event that fits no condition changes nothing that can ever show. */
export const passesNeutralEvents = (steps: readonly StepSpec[]): boolean =>
  steps.every(
    (step) => step.verb !== 'next' && step.verb !== 'notNext' && (isNot(step) || !step.loop || step.inner !== 'strict'),
  )
