import { cellHash } from '../hash.ts'
import type { Context, Machine, MachineRecord } from '../machine.ts'
import type { Compiled } from './compile.ts'
import type { OrderSpec } from './declaration.ts'
import { LooseEvent } from './event-at-hand.ts'
import { forget } from './forget.ts'
import { jsonForm } from './kept-event.ts'
import { defaultBounds } from './limits.ts'
import type { AnySteps, Match } from './match.ts'
import type { Keeping, Matcher } from './matcher.ts'
import { keptIn, matcherOf } from './pattern-machine.ts'
import { RuleContext } from './rule-context.ts'
import { type Judgement, RuleMarks } from './rule-marks.ts'
import { isWaiting, type Released, release, wait } from './waiting.ts'

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

/** Cells of rules: before those of events, so that at one time what ends does so before what begins. */
const RULE = 'r'
const AFTER_RULES = 's'
const END = '/'

/**
 * Looks at each event of a key with every rule, in the order of the list, in one pass: one cell for an event, in which it
 * waits and in which it is kept for all rules that take it, until the longest window is over; other cells of its own for
 * each rule. An event that fits no condition of any rule touches no state, nor does one that could only go on with what a
 * key has not begun.
 *
 * A rule's cells carry its version and the shape of its pattern. Those of a version that is not in the list are never
 * read: they go when their window ends.
 */
export function rulesMachine(order: OrderSpec, specs: readonly RuleSpec[]): Machine<unknown, unknown> {
  const graceMs = order.kind === 'event-time' ? order.graceMs : 0
  const lagMs = order.kind === 'event-time' ? graceMs + 1 : 0
  const forMs = Math.max(...specs.map(({ compiled }) => compiled.withinMs ?? 0)) + lagMs
  const rules = specs.map((spec) => ruleOf(spec, { events: keptIn(order), shared: true, forMs, drains: spec.drains }))
  const byPrefix = new Map(rules.map((rule) => [prefixOf(rule.spec), rule]))
  const marks = new RuleMarks([...byPrefix].map(([prefix, { spec }]) => ({ prefix, ...spec })))
  const chosen = specs.flatMap(({ compiled }) => compiled.chosenBounds.waitingEventsMax ?? [])
  const waitingMax = chosen.length === 0 ? defaultBounds.waitingEventsMax : Math.max(...chosen)
  const tied = order.kind === 'event-time' && order.ties !== undefined

  function take(c: Context<unknown>, { marked, starts }: Judgement, event: Released): void {
    // Where no rule has begun anything, which is asked once for all of them, only those count that it may begin.
    for (const { rule, bits } of c.cells.has(RULE, AFTER_RULES) ? marked : starts) {
      const { context, matcher } = rules[rule]!
      event.bits = bits
      matcher.take(context.of(c), event)
    }
  }

  function onRecord(c: Context<unknown>, { value, timeMs, offset, place = offset }: MachineRecord<unknown>): void {
    const byMs = order.kind === 'event-time' ? c.streamTimeMs - graceMs - timeMs : 0
    if (byMs > 0) {
      c.late(byMs)
      return
    }
    const judgement = marks.judge(value)
    if (judgement.marked.length === 0) return
    if (order.kind === 'arrival') {
      const form = jsonForm(value)
      take(c, judgement, new LooseEvent(c, c.streamTimeMs, { timeMs, offset, place }, form.value, form.small))
      return
    }
    const kept = tied || judgement.needsValue
    const form = { marks: kept ? judgement.withValue : judgement.withoutValue, value: kept ? value : undefined }
    if (!wait(c, { timeMs, offset, place, ...form, wakeAtMs: timeMs + lagMs }, lagMs, waitingMax)) c.late(0)
  }

  return {
    signature: `pattern-list(${order.kind === 'arrival' ? 'arrival' : `event-time(${graceMs})`})`,
    onRecord,
    onTimer(c, id, timeMs) {
      if (isWaiting(id, timeMs, lagMs)) {
        const event = release(c, id, lagMs, order)
        take(c, marks.read(event), event)
        event.letGo()
      } else if (id.startsWith(RULE)) {
        const prefix = id.slice(0, id.indexOf(END, id.indexOf(END) + 1) + 1)
        const rule = byPrefix.get(prefix)
        if (rule === undefined) forget(c, prefix, id)
        else rule.matcher.onTimer(rule.context.of(c), id.slice(prefix.length))
      } else c.cells.delete(id)
    },
  }
}

function ruleOf(spec: RuleSpec, keeping: Keeping): Rule {
  const { compiled, onMatch, name } = spec
  return { spec, context: new RuleContext(name, prefixOf(spec)), matcher: matcherOf(compiled, onMatch, keeping) }
}

function prefixOf({ name, version, compiled }: RuleSpec): string {
  return `${RULE}${name}${END}${version}.${cellHash(name, compiled.signature).toString(36)}${END}`
}
