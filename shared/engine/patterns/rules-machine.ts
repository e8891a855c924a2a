import { MillraceError } from '../../errors.ts'
import { cellHash } from '../hash.ts'
import type { Context, Machine, MachineRecord } from '../machine.ts'
import { mayStart } from './automaton.ts'
import { type Compiled, judge } from './compile.ts'
import type { OrderSpec } from './declaration.ts'
import { forget } from './forget.ts'
import { jsonForm, type PatternEvent } from './kept-event.ts'
import { defaultBounds, patternLimits } from './limits.ts'
import type { AnySteps, Match } from './match.ts'
import type { Matcher } from './matcher.ts'
import { matcherOf } from './pattern-machine.ts'
import { RuleContext } from './rule-context.ts'
import { isWaiting, release, wait } from './waiting.ts'

/** One rule of a list, its pattern compiled. */
export interface RuleSpec {
  readonly name: string
  readonly version: number
  readonly compiled: Compiled
  readonly onMatch: (match: Match<AnySteps>) => unknown
  /** It opens no new partial matches: those that it has go on until their windows end. */
  readonly drains: boolean
}

interface Rule {
  readonly spec: RuleSpec
  readonly context: RuleContext<unknown>
  readonly matcher: Matcher<unknown>
}

/** Cells of rules: before the waiting events, so that at one time what ends does so before what begins. */
const RULE = 'r'
const END = '\u0001'

/**
 * Looks at each event of a key with every rule, in the order of the list, in one pass: one waiting buffer for all, cells
 * of its own for each rule. An event that fits no condition of any rule touches no state, nor does one that could only go
 * on with what a key has not begun.
 *
 * A rule's cells carry its version and the shape of its pattern. Those of a version that is not in the list are never
 * read: they go when their window ends.
 */
export function rulesMachine(order: OrderSpec, specs: readonly RuleSpec[]): Machine<unknown, unknown> {
  const rules = specs.map(ruleOf)
  const byPrefix = new Map(rules.map((rule) => [prefixOf(rule.spec), rule]))
  // What was judged by another list of rules is judged again.
  const list = cellHash('rules', [...byPrefix.keys()].join(' '))
  const graceMs = order.kind === 'event-time' ? order.graceMs : 0
  const chosen = specs.flatMap(({ compiled }) => compiled.chosenBounds.waitingEventsMax ?? [])
  const waitingMax = chosen.length === 0 ? defaultBounds.waitingEventsMax : Math.max(...chosen)
  const lagMs = order.kind === 'event-time' ? graceMs + 1 : 0

  /** What each rule says of an event by itself: the list's number, then pairs of rule and bits; none: no rule cares. */
  function marksOf(value: unknown): number[] {
    const marks = [list]
    for (let i = 0; i < rules.length; i++) {
      const { compiled } = rules[i]!.spec
      const bits = judge(compiled, value)
      if (bits !== 0 || !compiled.dropsNeutral) marks.push(i, bits)
    }
    return marks
  }

  function take(c: Context<unknown>, marks: readonly number[], event: Omit<PatternEvent, 'bits'>): void {
    for (let m = 1; m < marks.length; m += 2) {
      const { spec, context, matcher } = rules[marks[m]!]!
      const bits = marks[m + 1]!
      if (c.cells.size > 0 || (!spec.drains && mayStart(spec.compiled, bits)))
        matcher.take(context.of(c), { ...event, bits })
    }
  }

  function onRecord(c: Context<unknown>, { value, timeMs, offset }: MachineRecord<unknown>): void {
    const byMs = order.kind === 'event-time' ? c.streamTimeMs - graceMs - timeMs : 0
    if (byMs > 0) {
      c.late(byMs)
      return
    }
    const marks = marksOf(value)
    if (marks.length === 1) return
    if (order.kind === 'arrival') take(c, marks, { clockMs: c.streamTimeMs, timeMs, offset, ...jsonForm(value) })
    else if (!wait(c, { timeMs, offset, marks, ...jsonForm(value) }, timeMs + lagMs, waitingMax)) c.late(0)
  }

  return {
    signature: `pattern-rules(${order.kind === 'arrival' ? 'arrival' : `event-time(${graceMs})`})`,
    onRecord,
    onTimer(c, id) {
      if (isWaiting(id)) {
        const { event, marks } = release(c, id, order.kind === 'event-time' ? order.ties : undefined)
        const known = marks as readonly number[]
        take(c, known[0] === list ? known : marksOf(event.value), event)
        return
      }
      const prefix = id.slice(0, id.indexOf(END, id.indexOf(END) + 1) + 1)
      const rule = byPrefix.get(prefix)
      if (rule === undefined) forget(c, prefix, id)
      else rule.matcher.onTimer(rule.context.of(c), id.slice(prefix.length))
    },
  }
}

function ruleOf(spec: RuleSpec): Rule {
  const { compiled, onMatch, drains, name } = spec
  return {
    spec,
    context: new RuleContext(name, prefixOf(spec)),
    matcher: matcherOf(compiled, onMatch, drains),
  }
}

function prefixOf({ name, version, compiled }: RuleSpec): string {
  return `${RULE}${name}${END}${version}.${cellHash(name, compiled.signature).toString(36)}${END}`
}

/** Checks a list of rules. @throws MillraceError `PATTERN_INVALID`, `DUPLICATE` */
export function checkRules(where: string, rules: readonly RuleSpec[]): void {
  const refuse = (problem: string, fix: string): never => {
    throw new MillraceError('PATTERN_INVALID', { where, problem, fix })
  }
  if (rules.length === 0) refuse('The list has no rule.', 'Add one with .rule(name, pattern, onMatch).')
  if (rules.length > patternLimits.rulesMax)
    refuse(`The list has ${rules.length} rules, and ${patternLimits.rulesMax} is the most.`, 'Make it two processors.')
  for (const { name, version, compiled, drains } of rules) {
    if (compiled.withinMs === undefined)
      refuse(`The rule ${JSON.stringify(name)} has no window, so what it keeps would never end.`, 'Add .within(…).')
    const same = rules.filter((each) => each.name === name)
    if (same.filter((each) => each.version === version).length > 1)
      throw new MillraceError('DUPLICATE', {
        what: `rules of version ${version}`,
        name,
        where,
        fix: 'Rename one, or raise the version of the newer.',
      })
    if (!drains && same.some((each) => !each.drains && each.version !== version))
      refuse(
        `Two versions of the rule ${JSON.stringify(name)} look for new matches.`,
        'Give the older one { drains: true }, or rename one of them.',
      )
  }
}
