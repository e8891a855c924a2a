import Table from 'cli-table3'
import colors from 'picocolors'
import { duration, grouped } from '../cli/numbers.ts'
import { faultKinds } from './faults.ts'
import type { Step } from './scheduler.ts'
import type { Tally } from './tally.ts'

const STEPS_MAX = 120
const WHAT_MAX = 100
const plain = {
  style: { head: [], border: [] },
  // No line between rows.
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
}

/** The steps of a schedule, for people: who did what when. Answers that come at once are left out; of a long one the end. */
export function stepsText(trace: readonly Step[], stepsMax = STEPS_MAX): string {
  const isNews = ({ who, what }: Step, n: number) =>
    trace[n - 1]?.who !== who || what !== `answer to ${trace[n - 1]!.what}`
  const steps = trace.map((step, n) => ({ ...step, n: n + 1 })).filter((step, n) => isNews(step, n))
  const from = Math.max(0, steps.length - stepsMax)
  const table = new Table({
    ...plain,
    head: ['step', 'ms', 'who', 'what'],
    colAligns: ['right', 'right', 'left', 'left'],
  })
  const startMs = trace[0]?.atMs ?? 0
  for (const { n, atMs, who, what } of steps.slice(from)) {
    const text = what.length > WHAT_MAX ? `${what.slice(0, WHAT_MAX - 1)}…` : what
    table.push([grouped(n), grouped(atMs - startMs), who, who === 'fault' ? colors.red(text) : text])
  }
  const left = from > 0 ? `(${grouped(from)} steps before these are left out)\n` : ''
  return `${left}${table.toString()}`
}

/** What was run, and how it went. */
export function talliesText(tallies: readonly Tally[], elapsedMs: number): string {
  const head = ['simulated', 'seeds', 'steps', 'faults', 'failed', 'CPU s', 'ms each']
  const table = new Table({ ...plain, head, colAligns: head.map((_, n) => (n === 0 ? 'left' : 'right')) })
  for (const { topology, seeds, steps, faults, failures, cpuMs } of tallies) {
    const struck = [...faults.values()].reduce((sum, times) => sum + times, 0)
    const failed = failures.length === 0 ? '0' : colors.red(String(failures.length))
    table.push([
      topology,
      grouped(seeds),
      grouped(steps),
      grouped(struck),
      failed,
      (cpuMs / 1_000).toFixed(1),
      (cpuMs / seeds).toFixed(1),
    ])
  }
  const seeds = tallies.reduce((sum, each) => sum + each.seeds, 0)
  const perSecond = seeds === 0 ? 0 : (1_000 * seeds) / elapsedMs
  return `${table.toString()}\n${grouped(seeds)} seeds in ${duration(elapsedMs)}: ${perSecond.toFixed(0)} a second.`
}

/** How often each fault struck, and each situation came up. */
export function countsText(tallies: readonly Tally[]): string {
  const names = tallies.map(({ topology }) => topology)
  const situations = [...new Set(tallies.flatMap((each) => [...each.situations.keys()]))].toSorted()
  const rows = (title: string, list: readonly string[], of: (tally: Tally) => ReadonlyMap<string, number>) => {
    const head = [title, ...names, 'all']
    const table = new Table({ ...plain, head, colAligns: head.map((_, n) => (n === 0 ? 'left' : 'right')) })
    for (const name of list) {
      const counts = tallies.map((tally) => of(tally).get(name) ?? 0)
      table.push([name, ...counts.map(grouped), grouped(counts.reduce((sum, each) => sum + each, 0))])
    }
    return table.toString()
  }
  return [
    rows('fault', faultKinds, ({ faults }) => faults),
    rows('situation', situations, (tally) => tally.situations),
  ].join('\n')
}
