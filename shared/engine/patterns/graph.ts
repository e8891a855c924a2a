import { isElastic, isNot, type StepSpec } from './declaration.ts'

/** Condition bits: those that must hold, and those that must not. */
interface When {
  readonly yes: number
  readonly no: number
}

/** One way on; `proceed` takes no event: what is at its target may be done with the event at hand. */
export interface Edge extends When {
  readonly kind: 'take' | 'pass' | 'stop' | 'proceed'
  readonly target: Node
}

/** A state under construction. */
export interface Node {
  readonly step: number
  edges: Edge[]
  readonly pending: boolean
}

/** Bit of each step's condition and of its `until` (0: none): first all conditions in order of the steps, then the untils. */
export interface ConditionBits {
  readonly take: readonly number[]
  readonly until: readonly number[]
}

export function conditionBits(steps: readonly StepSpec[]): ConditionBits {
  let bit = steps.length
  return {
    take: steps.map((_, i) => 1 << i),
    until: steps.map((step) => (step.until === undefined ? 0 : 1 << bit++)),
  }
}

const NO_STEP = -1
const ALWAYS: When = { yes: 0, no: 0 }

/**
 * The states of a pattern, with the branching of Flink's: where a step or a further round of a loop may be left out, a
 * partial match decides at the next event, by branching into one that stays and one that moves on; the one that stays
 * loses the choice, so that each way is gone once.
 * https://github.com/apache/flink/blob/master/flink-libraries/flink-cep/src/main/java/org/apache/flink/cep/nfa/compiler/NFACompiler.java
 */
export class Graph {
  readonly final: Node = { step: NO_STEP, edges: [], pending: false }
  readonly #steps: readonly StepSpec[]
  readonly #bits: ConditionBits
  readonly #nodes = new Map<string, Node>()

  constructor(steps: readonly StepSpec[]) {
    this.#steps = steps
    this.#bits = conditionBits(steps)
  }

  start(): Node {
    return this.#entry(0, 0, NO_STEP)
  }

  /** Waiting for step i, with the notFollowedBy in force, right after a greedy loop or not. */
  #entry(i: number, nots: number, greedy: number): Node {
    const step = this.#steps[i]
    if (step === undefined && nots === 0) return this.final
    if (step?.verb === 'notFollowedBy') return this.#entry(i + 1, nots | this.#bits.take[i]!, greedy)
    return this.#once(`${i} ${nots} ${greedy}`, i, step === undefined, (node) => {
      if (step === undefined) this.#fillPending(node, nots)
      else if (step.verb === 'notNext') this.#fillNotNext(node, i)
      else this.#fill(node, this.#afterTaking(i, 1), this.#passing(i), nots, step.optional)
      if (step?.optional) this.#leave(node, i, nots)
      if (greedy !== NO_STEP) this.#reserve(node, greedy, this.#entry(i, nots, NO_STEP))
    })
  }

  /** The state once step i has taken its n-th event. */
  #afterTaking(i: number, n: number): Node {
    const { min, max } = this.#steps[i]!
    if (n >= max) return this.#entry(i + 1, 0, this.#greedyBefore(i))
    const unbounded = max === Number.POSITIVE_INFINITY
    const mayLeave = n >= min
    return this.#once(`${i} after ${unbounded ? Math.min(n, min) : n}`, i, false, (node) => {
      const target = unbounded && mayLeave ? node : this.#afterTaking(i, n + 1)
      this.#fill(node, target, this.#passingInside(i), this.#notsAfter(i), mayLeave)
      if (mayLeave) this.#leave(node, i, 0)
    })
  }

  #once(name: string, step: number, pending: boolean, fill: (node: Node) => void): Node {
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    const node: Node = { step, edges: [], pending }
    this.#nodes.set(name, node)
    fill(node)
    return node
  }

  #fill(node: Node, target: Node, pass: When | undefined, nots: number, mayLeave: boolean): void {
    const when = { yes: this.#bits.take[node.step]!, no: this.#bits.until[node.step]! }
    const edges: Edge[] = [{ kind: 'take', ...when, target }, ...this.#stops(nots)]
    node.edges.push(...edges)
    if (pass === undefined) return
    const stayed: Node = mayLeave ? { step: node.step, edges, pending: false } : node
    if (mayLeave) stayed.edges.push({ kind: 'pass', ...pass, target: stayed })
    node.edges.push({ kind: 'pass', ...pass, target: stayed })
  }

  #leave(node: Node, i: number, nots: number): void {
    node.edges.push({ kind: 'proceed', ...ALWAYS, target: this.#entry(i + 1, nots, this.#greedyBefore(i)) })
  }

  /**
   * Keeps from a step what the greedy loop before it could take, until the loop's `until` has ended it. (In Flink the
   * latter holds only if no event lies between the loop's last event and the one that ends it.)
   */
  #reserve(node: Node, greedy: number, ended: Node): void {
    const until = this.#bits.until[greedy]!
    const no = this.#bits.take[greedy]! | until
    node.edges = node.edges.map((edge) => ({ ...edge, no: edge.no | no }))
    if (until !== 0) node.edges.push({ kind: 'proceed', yes: until, no: 0, target: ended })
  }

  /** Step i, if it is a loop that is greedy and could have gone on. */
  #greedyBefore(i: number): number {
    const step = this.#steps[i]!
    return step.greedy && isElastic(step) ? i : NO_STEP
  }

  /** What step i may pass over before its first event. undefined: nothing. */
  #passing(i: number): When | undefined {
    const { verb } = this.#steps[i]!
    if (verb === 'next' || verb === 'begin') return undefined
    return verb === 'followedBy' ? { yes: 0, no: this.#bits.take[i]! } : ALWAYS
  }

  /** What a loop may pass over between two of its events. */
  #passingInside(i: number): When | undefined {
    const { inner } = this.#steps[i]!
    if (inner === 'strict') return undefined
    return { yes: 0, no: this.#bits.until[i]! | (inner === 'relaxed' ? this.#bits.take[i]! : 0) }
  }

  /** The notFollowedBy between step i and the next that takes events: in force from the first event of its loop on. */
  #notsAfter(i: number): number {
    let nots = 0
    for (let j = i + 1; j < this.#steps.length && isNot(this.#steps[j]!); j++)
      if (this.#steps[j]!.verb === 'notFollowedBy') nots |= this.#bits.take[j]!
    return nots
  }

  /** At the end of the pattern, an event that does not fit is needed: it completes the match and is not part of it. */
  #fillNotNext(node: Node, i: number): void {
    const bit = this.#bits.take[i]!
    const target = this.#entry(i + 1, 0, NO_STEP)
    node.edges.push({ kind: target === this.final ? 'pass' : 'proceed', yes: 0, no: bit, target }, ...this.#stops(bit))
  }

  #fillPending(node: Node, nots: number): void {
    node.edges.push({ kind: 'pass', yes: 0, no: nots, target: node }, ...this.#stops(nots))
  }

  #stops(nots: number): Edge[] {
    const bits = Array.from({ length: 31 }, (_, i) => 1 << i).filter((bit) => (nots & bit) !== 0)
    return bits.map((bit) => ({ kind: 'stop', yes: bit, no: 0, target: this.final }))
  }
}
