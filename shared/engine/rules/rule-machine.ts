import { keyText } from '../key.ts'
import type { Context, Machine, MachineRecord } from '../machine.ts'
import { jsonForm } from '../patterns/kept-event.ts'
import { type Alert, type AlertEvent, nameEvents } from './alert.ts'
import { CaseView, caseOf, type Memory } from './case.ts'
import { CHAIN, Chains } from './chains.ts'
import { EVENT, eventId, freeId, isFull, type PlacedEvent, placed } from './event-cells.ts'
import type { ProfileSpec } from './profile.ts'
import { beQuiet, isQuiet } from './quiet.ts'
import type { AnyRule, Comparison, Finding } from './rule.ts'
import { type ResolvedSettings, resolveSettings, type SetRule } from './rule-settings.ts'

/** Rules over one profile, and the order in which they see events. */
export interface RuleSetSpec {
  readonly profile: ProfileSpec
  readonly rules: readonly AnyRule[]
  /** Events wait until stream time is more than this ahead of them; undefined: they are looked at as they arrive. */
  readonly graceMs: number | undefined
}

const MEMORY = 'a'
const DAY_MS = 86_400_000

/**
 * Looks at each event of a key with every rule that is on, in the order of the list, and puts out an alert for each that
 * finds something. In event-time order an event waits in its cell until no earlier one can come; one cell per event then
 * stays as long as a recent feature looks back, one cell per key holds what is remembered beyond that.
 */
export function ruleMachine(set: RuleSetSpec): Machine<unknown, Alert> {
  const { profile, rules, graceMs } = set
  const lagMs = graceMs === undefined ? 0 : graceMs + 1
  // The last event that looks back on one comes less than the horizon after it, and then waits.
  const keptMs = profile.horizonMs === 0 ? 0 : profile.horizonMs + lagMs
  const chains = new Chains(lagMs)
  const view = new CaseView(profile)
  let resolved: { of: unknown; settings: ResolvedSettings } | undefined

  function settingsOf(c: Context<Alert>): ResolvedSettings {
    if (resolved === undefined || resolved.of !== c.settings)
      resolved = { of: c.settings, settings: resolveSettings(rules, c.settings) }
    return resolved.settings
  }

  function onRecord(c: Context<Alert>, { value, timeMs, offset, place = offset }: MachineRecord<unknown>): void {
    const byMs = graceMs === undefined ? 0 : c.streamTimeMs - graceMs - timeMs
    if (byMs > 0) {
      c.late(byMs)
      return
    }
    if (graceMs !== undefined && isFull(c.cells, c.streamTimeMs - lagMs)) {
      c.late(0)
      return
    }
    const event = {
      id: freeId(c.cells, eventId(timeMs, offset, place)),
      timeMs,
      offset,
      place,
      value: jsonForm(value).value,
    }
    if (graceMs === undefined) decide(c, event)
    else c.cells.putSized(event.id, event.value, timeMs + lagMs)
  }

  function decide(c: Context<Alert>, event: PlacedEvent): void {
    keep(c, event)
    const settings = settingsOf(c)
    const memory = c.cells.get(MEMORY) as Memory | undefined
    view.of(c.cells, event, memory)
    if (keptMs > 0) trim(c)
    for (const each of settings.rules) {
      if (each.rule.kind === 'sequence') {
        const clockMs = graceMs === undefined ? c.streamTimeMs : event.timeMs
        for (const match of chains.take(c, each, event, view, clockMs)) matched(c, settings, each, match)
      } else if (!isQuiet(c, each, event.timeMs)) judge(c, settings, each, event)
    }
    remember(c, event, memory)
  }

  function trim(c: Context<Alert>): void {
    const dropped = view.trim()
    if (dropped > 0) c.keptEventsDropped(dropped)
  }

  function keep(c: Context<Alert>, event: PlacedEvent): void {
    if (keptMs === 0) c.cells.delete(event.id)
    else if (graceMs === undefined) c.cells.putSized(event.id, event.value, event.timeMs + keptMs)
    // It stays in the cell in which it has waited.
    else c.cells.wake(event.id, event.timeMs + keptMs)
  }

  function judge(c: Context<Alert>, settings: ResolvedSettings, each: SetRule, event: PlacedEvent): void {
    if (each.rule.kind !== 'rule') return
    view.look()
    const { timeMs } = event
    const compared = comparisonsOf(each.rule.when(caseOf(each, event, view) as never))
    if (compared.length === 0) return
    const { recentMs } = view
    const window = recentMs === 0 ? null : { start: Math.max(0, timeMs - recentMs + 1), end: timeMs }
    const events = view.evidence((place) => c.positionOf(place))
    alert(c, settings, each, { timeMs, window, compared, events, more: 0, name: '' })
  }

  function matched(
    c: Context<Alert>,
    settings: ResolvedSettings,
    each: SetRule,
    match: ReturnType<Chains['take']>[number],
  ): void {
    if (each.rule.kind !== 'sequence' || isQuiet(c, each, match.endMs)) return
    const compared = comparisonsOf(each.rule.explain(match as never, each.parameters as never, each))
    const events = match.all().map(({ value: _, ...event }): AlertEvent => event)
    const window = { start: match.startMs, end: match.endMs }
    const name = chains.nameOf(each, match)
    alert(c, settings, each, { timeMs: match.endMs, window, compared, events, more: match.more, name })
  }

  function alert(
    c: Context<Alert>,
    settings: ResolvedSettings,
    each: SetRule,
    found: {
      timeMs: number
      window: Alert['window']
      compared: readonly Comparison[]
      events: readonly AlertEvent[]
      more: number
      /** Tells it from others of the same rule and event. */
      name: string
    },
  ): void {
    const { rule, shadow } = each
    const { timeMs, window, compared } = found
    const named = nameEvents(found.events)
    const id = `${rule.name}/${nameOf(c, found.events.at(-1)!)}${found.name}`
    const { events } = named
    const which = { id, rule: rule.name, ruleVersion: rule.version, version: settings.version }
    const head = { ...which, action: rule.action, shadow, key: c.key }
    c.emit({ ...head, timeMs, window, compared, events, more: named.more + found.more }, timeMs)
    beQuiet(c, each, timeMs, lagMs)
  }

  function remember(c: Context<Alert>, event: PlacedEvent, memory: Memory | undefined): void {
    if (profile.always.length === 0 && profile.previous.length === 0) return
    const next: Memory = [
      event.timeMs,
      event.place,
      profile.previous.map(({ feature }) => feature.of(event.value)),
      profile.always.map(({ feature }, i) =>
        feature.aggregate.add(
          memory === undefined ? feature.aggregate.initialize() : memory[3][i],
          event.value,
          event.timeMs,
        ),
      ),
    ]
    // Rounded to days: the timer then moves once a day, not with each event.
    const forgetAtMs = Math.ceil((c.streamTimeMs + profile.forgetAfterMs) / DAY_MS) * DAY_MS
    const { small, value } = jsonForm(next)
    c.cells[small ? 'put' : 'putSized'](MEMORY, value, forgetAtMs)
  }

  function onTimer(c: Context<Alert>, id: string, timeMs: number): void {
    if (id.startsWith(CHAIN)) {
      const settings = settingsOf(c)
      const found = chains.onTimer(c, settings.rules, id, timeMs)
      for (const match of found?.[1] ?? []) matched(c, settings, found![0], match)
    } else if (id.startsWith(EVENT)) {
      const event = placed(id, c.cells.get(id))
      if (graceMs !== undefined && timeMs === event.timeMs + lagMs) decide(c, event)
      else c.cells.delete(id)
    } else c.cells.delete(id)
  }

  return {
    signature: `rules(${profile.signature};${graceMs === undefined ? 'arrival' : `event-time(${graceMs})`})`,
    onRecord,
    onTimer,
  }
}

/** What no other event has that the rule looks at. */
function nameOf(c: Context<Alert>, { topic, partition, offset, index }: AlertEvent): string {
  const name = `${topic}/${partition}/${offset}${index === undefined ? '' : `.${index}`}`
  return topic === c.topic ? name : `${name}/${keyText(c.key)}`
}

const comparisonsOf = (finding: Finding): readonly Comparison[] =>
  finding === undefined || finding === false ? [] : Array.isArray(finding) ? finding : [finding as Comparison]
