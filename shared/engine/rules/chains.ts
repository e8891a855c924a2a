import { cellHash } from '../hash.ts'
import type { Context, Machine, MachineRecord } from '../machine.ts'
import { forget } from '../patterns/forget.ts'
import type { AnySteps, Match } from '../patterns/match.ts'
import { patternMachine } from '../patterns/pattern-machine.ts'
import { type CaseView, caseOf } from './case.ts'
import type { PlacedEvent } from './event-cells.ts'
import type { SequenceRule } from './rule.ts'
import type { SetRule } from './rule-settings.ts'
import { sequencePattern } from './sequence-pattern.ts'
import { ShiftedContext } from './shifted.ts'

/** Cells of sequences begin with this: before those of events, so that at one time what ends does so before what begins. */
export const CHAIN = 'c'

type Found = Match<AnySteps>
type AnySequence = SequenceRule<unknown, unknown, unknown>

/** The pattern of one sequence rule, with the parameters at hand. */
interface Chain {
  readonly machine: Machine<unknown, Found>
  /** What its machine sees. */
  readonly context: ShiftedContext<Found>
  /** No event completes two matches. */
  readonly onePerEvent: boolean
}

/**
 * The patterns of sequence rules. Partial matches are kept under the rule's name, version and parameters, and the shape of
 * its pattern: with others a pattern means something else, so its search starts afresh and what was begun is given up.
 */
export class Chains {
  readonly #chains = new WeakMap<SetRule, Chain>()
  readonly #lagMs: number

  constructor(lagMs: number) {
    this.#lagMs = lagMs
  }

  /** Shows the event of `view` to the rule's pattern. `clockMs`: the time that counts for the pattern. @returns its matches */
  take(c: Context<unknown>, set: SetRule, event: PlacedEvent, view: CaseView, clockMs: number): readonly Found[] {
    const { machine, context } = this.#chain(set)
    return context.collect(c, clockMs, (own) => machine.onRecord(own, shown(set, event, view)))
  }

  /** A timer of a sequence's cell. What belongs to no rule that is on, with these parameters and this shape, is given up. */
  onTimer(
    c: Context<unknown>,
    sets: readonly SetRule[],
    id: string,
    timeMs: number,
  ): readonly [SetRule, readonly Found[]] | undefined {
    const prefix = id.slice(0, id.indexOf('\u0001', id.indexOf('\u0001') + 1) + 1)
    const set = sets.find((each) => each.rule.kind === 'sequence' && this.#chain(each).context.prefix === prefix)
    if (set === undefined) {
      forget(c, prefix, id)
      return undefined
    }
    const { machine, context } = this.#chain(set)
    const clockMs = timeMs - this.#lagMs
    return [set, context.collect(c, clockMs, (own) => machine.onTimer(own, id.slice(prefix.length), clockMs))]
  }

  /** What tells a match from others that the same event has completed; '' where there are none. */
  nameOf(set: SetRule, match: Found): string {
    if (this.#chain(set).onePerEvent) return ''
    const events = match.all().map(({ step, partition, offset, index }) => [step, partition, offset, index])
    return `/${cellHash(set.rule.name, JSON.stringify([events, match.more])).toString(36)}`
  }

  #chain(set: SetRule): Chain {
    let chain = this.#chains.get(set)
    if (chain === undefined) {
      chain = chainOf(set, this.#lagMs)
      this.#chains.set(set, chain)
    }
    return chain
  }
}

/** The event as the pattern sees it: with what is known of the key in the turn of this event, and never later. */
function shown(set: SetRule, event: PlacedEvent, view: CaseView): MachineRecord<unknown> {
  const { sees } = set.rule as AnySequence
  if (sees === undefined) return event
  const { timeMs, offset, place } = event
  return { timeMs, offset, place, value: sees(caseOf(set, event, view)) }
}

function chainOf(set: SetRule, lagMs: number): Chain {
  const { rule, parameters } = set
  const described = sequencePattern(rule as AnySequence, parameters, set)
  const machine = patternMachine(described, (match) => match as unknown as Found)
  const sees = (rule as AnySequence).sees === undefined ? '' : ' sees'
  const version = cellHash(
    `${machine.signature}${rule.name}@${rule.version}${sees}`,
    JSON.stringify(parameters) ?? '',
  ).toString(36)
  const prefix = `${CHAIN}${rule.name}\u0001${version}\u0001`
  return {
    machine,
    context: new ShiftedContext(prefix, lagMs),
    onePerEvent: described.spec.skip?.kind === 'past-last-event',
  }
}
