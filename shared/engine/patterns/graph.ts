import { MillraceError } from '../../errors.ts'
import { ConditionBits } from './condition-bits.ts'
import { isElastic, isNot, type PartSpec } from './declaration.ts'
import { patternLimits } from './limits.ts'
import { type Join, type Loop, loopGap, type Sequence, verbJoin } from './sequence.ts'

/** Condition bits: those that must hold, and those that must not. */
interface When {
  readonly yes: number
  readonly no: number
}

/**
 * One way on; `proceed` takes no event: what is at its target may be done with the event at hand. It is open for less than
 * `gapMs` after the last event taken.
 */
export interface Edge extends When {
  readonly kind: 'take' | 'pass' | 'stop' | 'proceed'
  readonly target: Node
  readonly gapMs: number
}

/** A state under construction. `pendingMs`: all that is missing is that so much time goes by; undefined: it is not so. */
export interface Node {
  readonly step: number
  edges: Edge[]
  readonly pendingMs: number | undefined
}

const NO_STEP = -1
const EVER = Number.POSITIVE_INFINITY

/**
 * The states of a pattern, with the branching of Flink's: where a step or a further round of a loop may be left out, a
 * partial match decides at the next event, by branching into one that stays and one that moves on; the one that stays
 * loses the choice, so that each way is gone once. (For groups Flink keeps the choice, and goes some ways twice.)
 * https://github.com/apache/flink/blob/master/flink-libraries/flink-cep/src/main/java/org/apache/flink/cep/nfa/compiler/NFACompiler.java
 */
export class Graph {
  readonly final: Node = { step: NO_STEP, edges: [], pendingMs: undefined }
  readonly start: Node
  readonly #bits: ConditionBits
  readonly #nodes = new Map<string, Node>()
  /** Nodes whose edges are still to be made: a loop of a thousand rounds must not recurse as deep. */
  readonly #unfilled: (() => void)[] = []

  /** @throws MillraceError `PATTERN_INVALID` for a pattern with too many states */
  constructor(parts: readonly PartSpec[]) {
    this.#bits = new ConditionBits(parts)
    const pattern: Sequence<Node> = {
      name: '',
      parts,
      head: undefined,
      untils: 0,
      end: (nots, greedy) => (nots === 0 ? this.final : this.#pending(parts, nots, greedy)),
    }
    this.start = this.#entry(pattern, 0, 0, undefined)
    for (let fill = this.#unfilled.pop(); fill !== undefined; fill = this.#unfilled.pop()) fill()
  }

  /** Waiting for part i, with the notFollowedBy in force, right after a greedy loop or not. */
  #entry(sequence: Sequence<Node>, i: number, nots: number, greedy: Loop | undefined): Node {
    const part = sequence.parts[i]
    if (part === undefined) return sequence.end(nots, greedy)
    if (part.verb === 'notFollowedBy') return this.#entry(sequence, i + 1, nots | this.#bits.take(part), greedy)
    if (part.kind === 'group') return this.#groupEntry(sequence, i, nots, greedy)
    return this.#once(`${sequence.name}${i} ${nots} ${greedy?.name}`, this.#bits.step(part), (node) => {
      if (part.verb === 'notNext') this.#fillNotNext(node, sequence, i)
      else this.#fill(node, sequence, i, 0, nots)
      if (part.optional) node.edges.push(proceed(this.#entry(sequence, i + 1, nots, this.#greedy(sequence, i))))
      if (greedy !== undefined) this.#reserve(node, greedy, this.#entry(sequence, i, nots, undefined))
    })
  }

  #groupEntry(sequence: Sequence<Node>, i: number, nots: number, greedy: Loop | undefined): Node {
    const first = this.#entry(this.#round(sequence, i, 1), 0, nots, greedy)
    if (!sequence.parts[i]!.optional) return first
    return this.#once(`${sequence.name}${i}? ${nots} ${greedy?.name}`, NO_STEP, (node) => {
      node.edges.push(proceed(first), proceed(this.#entry(sequence, i + 1, nots, greedy)))
    })
  }

  /** Round r of group i. Of an unbounded loop, those that are like each other are the same. */
  #round(sequence: Sequence<Node>, i: number, r: number): Sequence<Node> {
    const group = sequence.parts[i]!
    if (group.kind !== 'group') throw new RangeError(`Part ${i} is no group`)
    const join = verbJoin(sequence, i)
    const gapMs = loopGap(group, r)
    return {
      name: `${sequence.name}${i}.${r}/`,
      parts: group.parts,
      head: r > 1 ? { contiguity: group.inner, gapMs } : join && { ...join, gapMs: Math.min(join.gapMs, gapMs) },
      untils: sequence.untils | this.#bits.until(group),
      end: (_, greedy) => this.#afterRound(sequence, i, r, greedy),
    }
  }

  #afterRound(sequence: Sequence<Node>, i: number, r: number, greedy: Loop | undefined): Node {
    const { min, max } = sequence.parts[i]!
    if (r >= max) return this.#entry(sequence, i + 1, 0, greedy)
    const next = max === EVER ? Math.min(r + 1, Math.max(min, 2)) : r + 1
    const again = () => this.#entry(this.#round(sequence, i, next), 0, this.#notsAfter(sequence, i), greedy)
    if (r < min) return again()
    return this.#once(`${sequence.name}${i} after ${r} ${greedy?.name}`, NO_STEP, (node) => {
      node.edges.push(proceed(again()), proceed(this.#entry(sequence, i + 1, 0, greedy)))
    })
  }

  /** The state once step i has taken its n-th event. */
  #afterTaking(sequence: Sequence<Node>, i: number, n: number): Node {
    const { min, max } = sequence.parts[i]!
    if (n >= max) return this.#entry(sequence, i + 1, 0, this.#greedy(sequence, i))
    // Of an unbounded loop, the rounds that are like each other are one state.
    const round = max === EVER ? Math.min(n, min) : n
    return this.#once(`${sequence.name}${i} after ${round}`, this.#bits.step(sequence.parts[i]!), (node) => {
      this.#fill(node, sequence, i, n, this.#notsAfter(sequence, i))
      if (n >= min) node.edges.push(proceed(this.#entry(sequence, i + 1, 0, this.#greedy(sequence, i))))
    })
  }

  #once(name: string, step: number, fill: (node: Node) => void, pendingMs?: number): Node {
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    if (this.#nodes.size >= patternLimits.statesMax)
      throw new MillraceError('PATTERN_INVALID', {
        where: 'pattern()',
        problem: `Its loops have more than ${patternLimits.statesMax} states.`,
        fix: 'Ask for fewer rounds, or write atLeast for a number that need not be exact.',
      })
    const node: Node = { step, edges: [], pendingMs }
    this.#nodes.set(name, node)
    this.#unfilled.push(() => fill(node))
    return node
  }

  /** What step i does once it has taken n events: take one more, pass others over, and die of a NOT. */
  #fill(node: Node, sequence: Sequence<Node>, i: number, n: number, nots: number): void {
    const step = sequence.parts[i]!
    const until = this.#bits.until(step)
    const pass = n === 0 ? this.#passing(sequence, i) : this.#passingInside(sequence, i)
    const gapMs = n === 0 ? Math.min(verbJoin(sequence, i)?.gapMs ?? EVER, loopGap(step, 1)) : loopGap(step, n + 1)
    const mayLeave = n === 0 ? step.optional : n >= step.min
    const taken = this.#afterTaking(sequence, i, step.max === EVER && n >= step.min ? Math.max(n, 1) : n + 1)
    const take: Edge = {
      kind: 'take',
      yes: this.#bits.take(step),
      no: until | sequence.untils,
      target: taken,
      gapMs,
    }
    node.edges.push(take, ...this.#stops(nots))
    if (pass === undefined) return
    // Flink forgets the limit of a round that may be left out once an event was passed over.
    const later = step.gapReading === 'flink' && n > 0 && mayLeave ? EVER : gapMs
    const stayed: Node = mayLeave
      ? { step: node.step, edges: [{ ...take, gapMs: later }, ...this.#stops(nots)], pendingMs: undefined }
      : node
    const no = pass.no | sequence.untils
    if (mayLeave) stayed.edges.push({ kind: 'pass', ...pass, no, target: stayed, gapMs: later })
    node.edges.push({ kind: 'pass', ...pass, no, target: stayed, gapMs })
  }

  /**
   * Keeps from a step what the greedy loop before it could take, until the loop's `until` has ended it. (In Flink the
   * latter holds only if no event lies between the loop's last event and the one that ends it.)
   */
  #reserve(node: Node, { take, until }: Loop, ended: Node): void {
    node.edges = node.edges.map((edge) => ({ ...edge, no: edge.no | take | until }))
    if (until !== 0) node.edges.push({ kind: 'proceed', yes: until, no: 0, target: ended, gapMs: EVER })
  }

  /** Step i, if it is a loop that is greedy and could have gone on. */
  #greedy(sequence: Sequence<Node>, i: number): Loop | undefined {
    const step = sequence.parts[i]!
    if (!step.greedy || !isElastic(step)) return undefined
    return { name: `${sequence.name}${i}`, take: this.#bits.take(step), until: this.#bits.until(step) }
  }

  /** What step i may pass over before its first event. undefined: nothing. */
  #passing(sequence: Sequence<Node>, i: number): When | undefined {
    return this.#passes(verbJoin(sequence, i)?.contiguity ?? 'strict', sequence.parts[i]!)
  }

  /** What a loop may pass over between two of its events. */
  #passingInside(sequence: Sequence<Node>, i: number): When | undefined {
    const step = sequence.parts[i]!
    const pass = this.#passes(step.inner, step)
    return pass && { ...pass, no: pass.no | this.#bits.until(step) }
  }

  #passes(contiguity: Join['contiguity'], step: PartSpec): When | undefined {
    if (contiguity === 'strict') return undefined
    return { yes: 0, no: contiguity === 'relaxed' ? this.#bits.take(step) : 0 }
  }

  /** The notFollowedBy between part i and the next that takes events: in force from the first round of a loop on. */
  #notsAfter({ parts }: Sequence<Node>, i: number): number {
    let nots = 0
    for (let j = i + 1; j < parts.length && isNot(parts[j]!); j++)
      if (parts[j]!.verb === 'notFollowedBy') nots |= this.#bits.take(parts[j]!)
    return nots
  }

  /** At the end of the pattern, an event that does not fit is needed: it completes the match and is not part of it. */
  #fillNotNext(node: Node, sequence: Sequence<Node>, i: number): void {
    const bit = this.#bits.take(sequence.parts[i]!)
    const target = this.#entry(sequence, i + 1, 0, undefined)
    const kind = target === this.final ? 'pass' : 'proceed'
    node.edges.push({ kind, yes: 0, no: bit, target, gapMs: EVER }, ...this.#stops(bit))
  }

  /** Nothing is left to take, and the NOTs at the end are in force until time has proven them. */
  #pending(parts: readonly PartSpec[], nots: number, greedy: Loop | undefined): Node {
    const pendingMs = parts.reduce((ms, part) => (isNot(part) ? Math.min(ms, part.gapMs) : EVER), EVER)
    const fill = (node: Node) => {
      node.edges.push({ kind: 'pass', yes: 0, no: nots, target: node, gapMs: pendingMs }, ...this.#stops(nots))
      if (greedy !== undefined) this.#reserve(node, greedy, this.#pending(parts, nots, undefined))
    }
    return this.#once(`end ${nots} ${greedy?.name}`, NO_STEP, fill, pendingMs)
  }

  #stops(nots: number): Edge[] {
    const bits = Array.from({ length: 31 }, (_, i) => 1 << i).filter((bit) => (nots & bit) !== 0)
    return bits.map((bit) => ({ kind: 'stop', yes: bit, no: 0, target: this.final, gapMs: EVER }))
  }
}

const proceed = (target: Node): Edge => ({ kind: 'proceed', yes: 0, no: 0, target, gapMs: EVER })
