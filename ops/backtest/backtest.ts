import type { Alert, Processor, RuleSettings } from '#millrace'
import type { LineSource } from '../../local/feed/source.ts'
import { type HistoryRun, type ReadFacts, ruleStages, runHistory } from './history.ts'
import { difference, type Score, scoreOf } from './score.ts'

/** What a backtest finds. */
export interface Backtest {
  readonly read: number
  readonly parked: number
  readonly late: number
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
    for (const each of [settings, otherSettings]) if (each) draft.settings?.check(each)
  const readFacts = factsReader(labels, options.value)
  const runWith = (given: RuleSettings) => runHistory(processors, given, options.history(topic.name), readFacts)
  const run = await runWith(settings)
  const other = otherSettings && (await runWith(otherSettings))
  const changed = other && difference(other, run)
  const score = (of: HistoryRun, alerts: readonly Alert[]) => scoreOf(of, alerts, labels !== undefined)
  const names = [...new Set([...run.alerts, ...(other?.alerts ?? [])].map(({ rule }) => rule))].sort()
  return {
    read: run.read,
    parked: run.parked,
    late: run.late,
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
const factsReader =
  (labels: string | undefined, value: string): ReadFacts =>
  (line) => {
    const number = Number(line[value])
    const label = labels !== undefined && TRUE.has(String(line[labels]).trim().toLowerCase())
    return { label, value: Number.isFinite(number) ? number : 0 }
  }
