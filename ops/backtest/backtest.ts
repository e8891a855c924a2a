import type { Alert, Processor, RuleSettings } from '#millrace'
import { MillraceError } from '#millrace'
import type { LineSource } from '../../local/feed/source.ts'
import { type EventFacts, type HistoryRun, type ParkedReason, ruleStages, runHistory } from './history.ts'
import { difference, type Score, scoreOf } from './score.ts'

/** What a backtest finds. */
export interface Backtest {
  /** Lines of the history. */
  readonly read: number
  /** By how many processors each of them was looked at: the counts below are over all of them. */
  readonly processors: number
  readonly parked: number
  readonly late: number
  /** Events that rules look back on, or that partial matches have taken, let go at a bound. */
  readonly keptEventsDropped: number
  /** Given up at a bound. */
  readonly partialMatchesDropped: number
  /** The most frequent reason first. */
  readonly parkedFor: readonly ParkedReason[]
  /** By rule that has alerts with any of the settings. */
  readonly rules: Readonly<Record<string, Score>>
  readonly total: Score
  readonly alerts: readonly Alert[]
  /** Against the other settings; undefined without them. */
  readonly compared:
    | { readonly total: Score; readonly gained: readonly Alert[]; readonly lost: readonly Alert[] }
    | undefined
}

export interface BacktestOptions {
  readonly processors: readonly Processor[]
  readonly settings: RuleSettings
  readonly otherSettings: RuleSettings | undefined
  /** Made anew for each run over it. */
  readonly history: (topic: string) => LineSource
  /** Field with the label; undefined: there are none. */
  readonly labels: string | undefined
  readonly value: string
}

/** @throws MillraceError `SETTINGS_INVALID`, `USAGE` */
export async function backtest(options: BacktestOptions): Promise<Backtest> {
  const { processors, settings, otherSettings, labels } = options
  const { topic } = ruleStages(processors)
  for (const { draft } of processors)
    for (const each of [settings, otherSettings]) if (each !== undefined) draft.settings?.check(each)
  const facts = new FactsReader(labels, options.value)
  const runWith = (given: RuleSettings) =>
    runHistory(processors, given, options.history(topic.name), (line) => facts.of(line))
  const run = await runWith(settings)
  if (run.events.size > 0) facts.refuseUnseen()
  const other = otherSettings && (await runWith(otherSettings))
  const changed = other && difference(other, run)
  const score = (of: HistoryRun, alerts: readonly Alert[]) => scoreOf(of, alerts, labels !== undefined)
  const names = [...new Set([...run.alerts, ...(other?.alerts ?? [])].map(({ rule }) => rule))].sort()
  return {
    read: run.read,
    processors: run.processors,
    parked: run.parked,
    late: run.late,
    keptEventsDropped: run.keptEventsDropped,
    partialMatchesDropped: run.partialMatchesDropped,
    parkedFor: run.parkedFor,
    rules: Object.fromEntries(
      names.map((name) => [
        name,
        score(
          run,
          run.alerts.filter(({ rule }) => rule === name),
        ),
      ]),
    ),
    total: score(run, run.alerts),
    alerts: run.alerts,
    compared: other && { total: score(other, other.alerts), ...changed! },
  }
}

const TRUE = new Set(['1', 'true', 'yes', 'y', 'fraud'])

/** Labels and values as files have them: text in CSV, anything in JSON. */
class FactsReader {
  readonly #labels: string | undefined
  readonly #value: string
  readonly #unseen: Set<string>

  constructor(labels: string | undefined, value: string) {
    this.#labels = labels
    this.#value = value
    this.#unseen = new Set(labels === undefined ? [value] : [labels, value])
  }

  of(line: Readonly<Record<string, unknown>>): EventFacts {
    for (const field of this.#unseen) if (Object.hasOwn(line, field)) this.#unseen.delete(field)
    const number = Number(line[this.#value])
    const label = this.#labels !== undefined && TRUE.has(String(line[this.#labels]).trim().toLowerCase())
    return { label, value: Number.isFinite(number) ? number : 0 }
  }

  /** A typo must not become a history without fraud, or without value. @throws MillraceError `USAGE` */
  refuseUnseen(): void {
    const [field] = this.#unseen
    if (field === undefined) return
    throw new MillraceError('USAGE', {
      problem: `No line of the history has a field ${JSON.stringify(field)}.`,
      fix: 'Name the field of the labels with --labels, that of the value with --value.',
    })
  }
}
