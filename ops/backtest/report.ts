import Table from 'cli-table3'
import { grouped } from '../../local/cli/numbers.ts'
import type { Backtest } from './backtest.ts'
import type { Score } from './score.ts'

const share = (value: number | null): string => (value === null ? '-' : `${(value * 100).toFixed(1)} %`)
const number = (value: number | null): string => (value === null ? '-' : grouped(Math.round(value * 10) / 10))

/** A backtest for people. */
export function backtestText({ read, parked, late, rules, total, compared }: Backtest): string {
  const hasLabels = total.labelled !== undefined
  const head = ['rule', 'alerts', 'shadow', 'per day', 'value at risk', ...(hasLabels ? LABELLED : [])]
  const table = new Table({
    head: [...head, ...(compared ? ['gained', 'lost'] : [])],
    style: { head: [], border: [] },
    colAligns: head.map((_, n) => (n === 0 ? 'left' : 'right')),
  })
  const change = (rule?: string) =>
    compared
      ? [compared.gained, compared.lost].map((all) => grouped(all.filter((each) => !rule || each.rule === rule).length))
      : []
  for (const [rule, score] of Object.entries(rules)) table.push([rule, ...row(score), ...change(rule)])
  table.push(['all', ...row(total), ...change()])
  const { labelled } = total
  return [
    table.toString(),
    `${grouped(read)} records read, ${grouped(parked)} parked, ${grouped(late)} late.`,
    ...(labelled
      ? [
          `${grouped(labelled.caughtEvents)} of ${grouped(labelled.fraudEvents)} labelled events caught; the others are worth ${grouped(labelled.missedValue)}.`,
        ]
      : []),
  ].join('\n')
}

const LABELLED = ['precision', 'recall', 'F1']

const row = ({ alerts, shadow, perDay, valueAtRisk, labelled }: Score): string[] => [
  grouped(alerts),
  grouped(shadow),
  number(perDay),
  grouped(valueAtRisk),
  ...(labelled ? [labelled.precision, labelled.recall, labelled.f1].map(share) : []),
]
