import { Command, CommanderError } from 'commander'
import { HelpAsked, usage } from '../../local/cli/flags.ts'
import { type Threshold, thresholdIn } from './thresholds.ts'

/** What a backtest was asked for. */
export interface BacktestFlags {
  /** File with the settings to try. */
  readonly rules: string
  readonly input: string
  /** Field of a line that says whether it was fraud. */
  readonly labels?: string
  /** File with other settings, such as those in force. */
  readonly compare?: string
  /** Field of a line with what is at stake. */
  readonly value: string
  /** What the figures of all alerts must reach. */
  readonly failUnder?: readonly Threshold[]
  /** File for the alerts. */
  readonly output: string
  readonly json?: true
}

const EXAMPLES = `
FILE of --rules and --compare holds settings as they are sent to the settings topic, {} for those of the declarations:
  { "rules": { "velocity-count": { "parameters": { "withinMs": 600000, "most": 5 } } }, "lists": {} }

The exit code is 0, 1 when it failed, 2 for a wrong command line or settings, 3 when a figure is below its --fail-under.

Examples:
  npm run backtest -- --rules draft.json --input history.csv.gz
  npm run backtest -- --rules draft.json --compare live.json --input history.ndjson --labels isFraud
  npm run backtest -- --rules draft.json --input history.csv.gz --labels isFraud --fail-under f1=0.8
`

/** @throws MillraceError `USAGE`, HelpAsked */
export function parseBacktest(argv: readonly string[]): BacktestFlags {
  let help = ''
  const command = new Command('npm run backtest --')
    .description('Runs the fraud rules of functions/index.ts over a history, with settings to try.')
    .requiredOption('--rules <file>', 'settings to try: JSON')
    .requiredOption('--input <file>', 'the history: NDJSON or CSV with a header, .gz too, - is standard input')
    .option('--labels <column>', 'field that is true, 1, "true", "yes" or "fraud" where an event was fraud')
    .option('--compare <file>', 'other settings: says which alerts are gained and lost against them')
    .option('--value <column>', 'field with the value at stake', 'amount')
    .option(
      '--fail-under <figure=share>',
      'end with 3 when precision, recall or f1 of all alerts is below, as in f1=0.8; may be given for each',
      (text: string, before: readonly Threshold[] = []) => [...before, thresholdIn(text)],
    )
    .option('--output <file>', 'where the alerts go, as NDJSON', 'backtest.ndjson')
    .option('--json', 'print one JSON object and nothing else')
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined })
    .exitOverride()
  try {
    const flags = command.parse([...argv], { from: 'user' }).opts<BacktestFlags>()
    if (flags.failUnder && flags.labels === undefined)
      throw usage('--fail-under needs --labels: there is nothing to score against.', 'Name the field with the labels.')
    return flags
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') throw new HelpAsked(help)
    throw usage(`${error.message.replace(/^error: /, '')}.`, 'See npm run backtest -- --help.')
  }
}
