import type { Alert } from '#millrace'
import type { EventFacts, HistoryRun } from './history.ts'

const DAY_MS = 86_400_000

/** How good alerts are. Shares are null where there is nothing to divide by. */
export interface Score {
  readonly alerts: number
  readonly shadow: number
  /** Alerts per day of event time. */
  readonly perDay: number | null
  /** Value of all events that alerts name, each once. */
  readonly valueAtRisk: number
  /** Only where labels are given. */
  readonly labelled: LabelledScore | undefined
}

export interface LabelledScore {
  /** Alerts of which at least one named event is labelled. */
  readonly right: number
  /** `right` of all alerts. */
  readonly precision: number | null
  /** Labelled events that an alert names, of all labelled events. */
  readonly recall: number | null
  /** Harmonic mean of the two. */
  readonly f1: number | null
  readonly fraudEvents: number
  readonly caughtEvents: number
  /** Value of labelled events that no alert names. */
  readonly missedValue: number
}

/** Scores some of a run's alerts: all of them, or those of one rule. */
export function scoreOf(run: HistoryRun, alerts: readonly Alert[], hasLabels: boolean): Score {
  const named = new Set(alerts.flatMap(positions))
  const days = (run.toMs - run.fromMs) / DAY_MS
  return {
    alerts: alerts.length,
    shadow: alerts.filter((alert) => alert.shadow).length,
    perDay: days > 0 ? alerts.length / days : null,
    valueAtRisk: sumOf([...named].map((at) => run.events.get(at))),
    labelled: hasLabels ? labelledScore(run, alerts, named) : undefined,
  }
}

function labelledScore(run: HistoryRun, alerts: readonly Alert[], named: ReadonlySet<string>): LabelledScore {
  const fraud = [...run.events].filter(([, { label }]) => label)
  const missed = fraud.filter(([at]) => !named.has(at))
  const right = alerts.filter((alert) => positions(alert).some((at) => run.events.get(at)?.label)).length
  const precision = alerts.length === 0 ? null : right / alerts.length
  const recall = fraud.length === 0 ? null : 1 - missed.length / fraud.length
  const f1 =
    precision === null || recall === null || precision + recall === 0
      ? null
      : (2 * precision * recall) / (precision + recall)
  return {
    right,
    precision,
    recall,
    f1,
    fraudEvents: fraud.length,
    caughtEvents: fraud.length - missed.length,
    missedValue: sumOf(missed.map(([, facts]) => facts)),
  }
}

/** Alerts that only one of two runs has. An alert is the same when rule and completing event are. */
export function difference(before: HistoryRun, after: HistoryRun): { gained: Alert[]; lost: Alert[] } {
  const ids = (run: HistoryRun) => new Set(run.alerts.map(({ id }) => id))
  const [old, now] = [ids(before), ids(after)]
  return {
    gained: after.alerts.filter(({ id }) => !old.has(id)),
    lost: before.alerts.filter(({ id }) => !now.has(id)),
  }
}

const positions = (alert: Alert): string[] =>
  alert.events.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`)

const sumOf = (facts: readonly (EventFacts | undefined)[]): number =>
  Math.round(facts.reduce((sum, each) => sum + (each?.value ?? 0), 0) * 100) / 100
