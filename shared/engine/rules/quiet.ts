import type { Context } from '../machine.ts'
import type { SetRule } from './rule-settings.ts'

const LIVE = 'q'
const TRIAL = 't'

/** Live alerts and those on trial are quiet apart: a rule that comes off its trial must not be silent for what nobody acted upon. */
const cellOf = ({ rule, shadow }: SetRule): string => (shadow ? TRIAL : LIVE) + rule.name

/** Half-open: what comes `quietForMs` after the alert is heard again. */
export function isQuiet(c: Context<unknown>, set: SetRule, timeMs: number): boolean {
  if (set.rule.quietForMs === 0) return false
  const untilMs = c.cells.get(cellOf(set)) as number | undefined
  return untilMs !== undefined && timeMs < untilMs
}

/** Begins with an alert at `timeMs`. `lagMs`: by how much events are looked at behind stream time. */
export function beQuiet(c: Context<unknown>, set: SetRule, timeMs: number, lagMs: number): void {
  const { quietForMs } = set.rule
  if (quietForMs > 0) c.cells.put(cellOf(set), timeMs + quietForMs, timeMs + quietForMs + lagMs)
}
