import { once } from 'node:events'
import { accessSync, constants, createWriteStream, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { RuleSettings } from '#millrace'
import { HelpAsked, usage } from '../local/cli/flags.ts'
import { inputFile } from '../local/feed/input.ts'
import { messageOf } from '../local/run/troubles.ts'
import { isMillraceError } from '../shared/errors.ts'
import { backtest } from './backtest/backtest.ts'
import { parseBacktest } from './backtest/flags.ts'
import { type OutputAlert, outputAlerts } from './backtest/output.ts'
import { backtestText } from './backtest/report.ts'
import { missedThresholds } from './backtest/thresholds.ts'
import { documentIn } from './settings/document.ts'

/** `npm run backtest`: the exit code. 2: a wrong command line or settings, 3: a figure is below its threshold. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const flags = parseBacktest(argv)
    if (flags.input === '-' && flags.compare)
      throw usage('Standard input cannot be read twice.', 'Give --input a file, or leave --compare out.')
    checkWritable(flags.output)
    // Here, so that a declaration that cannot be is told like any other error.
    const { processors } = await import('../functions/index.ts')
    const found = await backtest({
      processors,
      settings: documentIn(flags.rules) as RuleSettings,
      otherSettings: flags.compare === undefined ? undefined : (documentIn(flags.compare) as RuleSettings),
      history: (topic) => inputFile(flags.input, topic),
      labels: flags.labels,
      value: flags.value,
    })
    await writeLines(flags.output, outputAlerts(found))
    const { alerts, compared, ...figures } = found
    const lost = compared ? `, and ${compared.lost.length} that are lost,` : ''
    const missed = missedThresholds(flags.failUnder ?? [], found.total.labelled!)
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({ ...figures, compared, alerts: alerts.length }, null, 2)}\n`
        : `${backtestText(found)}\n${alerts.length} alerts${lost} written to ${flags.output}.\n`,
    )
    for (const sentence of missed) process.stderr.write(`${sentence}\n`)
    return missed.length > 0 ? 3 : 0
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(`${error.text.trimEnd()}\n`)
      return 0
    }
    process.stderr.write(`${messageOf(error)}\n`)
    return isMillraceError(error, 'USAGE') || isMillraceError(error, 'SETTINGS_INVALID') ? 2 : 1
  }
}

/** Before a long run, not behind it. */
function checkWritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK)
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder')
  } catch (error) {
    throw usage(
      `${file} cannot be written (${(error as Error).message}).`,
      'Give --output a file in a folder that is there.',
    )
  }
}

async function writeLines(file: string, alerts: Iterable<OutputAlert>): Promise<void> {
  const out = createWriteStream(file)
  await once(out, 'open')
  for (const alert of alerts) if (!out.write(`${JSON.stringify(alert)}\n`)) await once(out, 'drain')
  out.end()
  await once(out, 'finish')
}

process.exitCode = await main(process.argv.slice(2))
