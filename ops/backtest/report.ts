import Table from 'cli-table3'
import type { Alert } from '#millrace'
import { grouped } from '../../local/cli/numbers.ts'
import type { Backtest } from './backtest.ts'
import type { Score } from './score.ts'

const share = (value: number | null): string => (value === null ? '-' : `${(value * 100).toFixed(1)} %`)
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
const number = (value: number | null): string => (value === null ? '-' : tenths.format(value))

/** A backtest for people. */
export function backtestText(found: Backtest): string {
  const { read, processors, parked, late, parkedFor, rules, total, compared } = found
  const hasLabels = total.labelled !== undefined
  const figures = ['alerts', 'shadow', 'per day', 'value at risk', ...(hasLabels ? LABELLED : [])]
  const head = ['rule', ...figures, ...(compared ? ['gained', 'lost'] : [])]
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((_, n) => (n === 0 ? 'left' : 'right')),
  })
  const change = (rule?: string) =>
    compared
      ? [compared.gained, compared.lost].map((all) => grouped(all.filter((each) => !rule || each.rule === rule).length))
      : []
  for (const [rule, score] of Object.entries(rules)) table.push([rule, ...row(score), ...change(rule)])
  table.push(['all', ...row(total), ...change()])
  if (compared) table.push(['all, compared with', ...row(compared.total), '', ''])
  const { labelled } = total
  return [
    table.toString(),
    `${grouped(read)} records of the history, looked at by ${processors} processors: ${grouped(parked)} parked, ${grouped(late)} late.`,
    ...parkedFor.map(({ reason, detail, count }) => `${grouped(count)} parked for ${reason}: ${detail}`),
    ...bounds(found),
    ...(compared ? [...listed('gained', compared.gained), ...listed('lost', compared.lost)] : []),
    ...(labelled
      ? [
          `${grouped(labelled.caughtEvents)} of ${grouped(labelled.fraudEvents)} labelled events caught; the others are worth ${grouped(labelled.missedValue)}.`,
        ]
      : []),
  ].join('\n')
}

/** What rules could not look at, since no more of a key is kept. No line where nothing was let go. */
function bounds({ keptEventsDropped, partialMatchesDropped }: Backtest): string[] {
  const told = (count: number, what: string) => (count > 0 ? [`${grouped(count)} ${what}`] : [])
  return [
    ...told(keptEventsDropped, 'kept events let go at a bound, before their time (KeptEventsDropped).'),
    ...told(partialMatchesDropped, 'partial matches given up at a bound (PartialMatchesDropped).'),
  ]
}

function listed(what: 'gained' | 'lost', alerts: readonly Alert[]): string[] {
  const lines = alerts
    .slice(0, LISTED_MAX)
    .map(
      ({ rule, key, timeMs, id }) => `${what}: ${rule} of ${String(key)} at ${new Date(timeMs).toISOString()}, ${id}`,
    )
  const more = alerts.length - lines.length
  return more > 0 ? [...lines, `${what}: ${grouped(more)} more, which --json lists.`] : lines
}

/** Alerts gained and alerts lost that are named one by one. */
const LISTED_MAX = 20
const LABELLED = ['precision', 'recall', 'F1']

const row = ({ alerts, shadow, perDay, valueAtRisk, labelled }: Score): string[] => [
  grouped(alerts),
  grouped(shadow),
  number(perDay),
  grouped(valueAtRisk),
  ...(labelled ? [labelled.precision, labelled.recall, labelled.f1].map(share) : []),
]
