import { cellHash } from '../hash.ts'
import type { Context, Machine, MachineRecord } from '../machine.ts'
import { forget } from '../patterns/forget.ts'
import type { AnySteps, Match } from '../patterns/match.ts'
import { pattern } from '../patterns/pattern.ts'
import { patternMachine } from '../patterns/pattern-machine.ts'
import type { SequenceRule } from './rule.ts'
import type { SetRule } from './rule-settings.ts'
import { shifted } from './shifted.ts'

/** Cells of sequences begin with this: before those of events, so that at one time what ends does so before what begins. */
export const CHAIN = 'c'

/** How patterns keep what they have begun: what was kept otherwise is given up. */
const LAYOUT = 'line '

type Found = Match<AnySteps>
type AnySequence = SequenceRule<unknown, unknown, unknown>

/**
 * The patterns of sequence rules. Partial matches are kept under the rule's name and its parameters: with other
 * parameters a pattern means something else, so its search starts afresh and what was begun is given up.
 */
export class Chains {
  readonly #machines = new Map<string, Machine<unknown, Found>>()
  readonly #lagMs: number

  constructor(lagMs: number) {
    this.#lagMs = lagMs
  }

  /** Shows the event to the rule's pattern. `clockMs`: the time that counts for the pattern. @returns its matches */
  take(c: Context<unknown>, set: SetRule, record: MachineRecord<unknown>, clockMs: number): readonly Found[] {
    const prefix = prefixOf(set)
    const matches: Found[] = []
    this.#machine(set, prefix).onRecord(
      shifted(c, prefix, this.#lagMs, clockMs, (match: Found) => matches.push(match)),
      record,
    )
    return matches
  }

  /** A timer of a sequence's cell. What belongs to no rule that is on, with these parameters, is given up. */
  onTimer(
    c: Context<unknown>,
    sets: readonly SetRule[],
    id: string,
    timeMs: number,
  ): readonly [SetRule, readonly Found[]] | undefined {
    const prefix = id.slice(0, id.indexOf('\u0001', id.indexOf('\u0001') + 1) + 1)
    const set = sets.find((each) => each.rule.kind === 'sequence' && prefixOf(each) === prefix)
    if (set === undefined) {
      forget(c, prefix, id)
      return undefined
    }
    const matches: Found[] = []
    const own = shifted(c, prefix, this.#lagMs, timeMs - this.#lagMs, (match: Found) => matches.push(match))
    this.#machine(set, prefix).onTimer(own, id.slice(prefix.length), timeMs - this.#lagMs)
    return [set, matches]
  }

  #machine({ rule, parameters }: SetRule, prefix: string): Machine<unknown, Found> {
    let machine = this.#machines.get(prefix)
    if (machine === undefined) {
      const start = pattern<unknown>().order('arrival')
      const described = (rule as AnySequence).pattern(start, parameters)
      machine = patternMachine(described, (match) => match as unknown as Found)
      this.#machines.set(prefix, machine)
    }
    return machine
  }
}

const prefixes = new WeakMap<SetRule, string>()

function prefixOf(set: SetRule): string {
  let prefix = prefixes.get(set)
  if (prefix === undefined) {
    const version = cellHash(LAYOUT + set.rule.name, JSON.stringify(set.parameters) ?? '').toString(36)
    prefix = `${CHAIN}${set.rule.name}\u0001${version}\u0001`
    prefixes.set(set, prefix)
  }
  return prefix
}
