import { Command, CommanderError } from 'commander'
import { MillraceError } from '../../shared/errors.ts'

/** The flags as they were given, checked one by one; how they go together is checked in `options.ts`. */
export interface Flags {
  readonly events?: number
  readonly rate?: number
  readonly seed?: number
  readonly input?: string
  readonly topic?: string
  readonly processors?: readonly string[]
  readonly data?: string
  readonly brokers?: readonly string[]
  readonly dynamodb?: string
  readonly exit?: true
  readonly closeWindows?: true
  readonly json?: true
  readonly output?: string
}

const SEED_MAX = 2 ** 32 - 1
const RATE_MAX = 10_000_000
const PORT_MAX = 65_535

const EXAMPLES = `
Examples:
  npm start                                              all processors on generated records, until Ctrl-C
  npm start -- --events 200000 --exit                    a finite run, with a summary at its end
  npm start -- --input tx.csv.gz --topic transactions --exit --close-windows --output out
                                                         a file through the processors of one topic
  npm start -- --data ./state --rate 5000                keeps everything in ./state: kill it, start it again
  npm start -- --brokers localhost:9092 --dynamodb http://localhost:8000
                                                         the same over a real Kafka and a real DynamoDB endpoint
  npm start -- --brokers localhost:9092 --data ./state --events 0 --exit
                                                         only what the topics hold already
`

/** Help was asked for: `text` is to be printed, and that is all. */
export class HelpAsked extends Error {
  readonly text: string

  constructor(text: string) {
    super('help')
    this.text = text
  }
}

/**
 * @throws MillraceError `USAGE` for a flag that there is not, or a value that cannot be
 * @throws HelpAsked
 */
export function parseFlags(argv: readonly string[]): Flags {
  let help = ''
  const command = newCommand((text) => {
    help += text
  })
  try {
    return command.parse([...argv], { from: 'user' }).opts<Flags>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') throw new HelpAsked(help)
    throw usage(sentence(error.message), 'See npm start -- --help.')
  }
}

/** A wrong command line: what is wrong with it, and what would be right. */
export function usage(problem: string, fix: string): MillraceError {
  return new MillraceError('USAGE', { problem, fix })
}

function newCommand(writeOut: (text: string) => void): Command {
  return new Command('npm start --')
    .description('Runs the processors of functions/index.ts on this machine.')
    .option(
      '--events <n>',
      'generate this many records over all source topics (default: endless)',
      whole('--events', 0),
    )
    .option(
      '--rate <n>',
      'records per second (default: 1000, or with --events as fast as possible)',
      whole('--rate', 1, RATE_MAX),
    )
    .option('--seed <n>', 'other records; the same seed makes the same ones (default: 1)', whole('--seed', 0, SEED_MAX))
    .option('--input <file>', 'feed a file instead: NDJSON or CSV with a header, .gz too, - is standard input')
    .option('--topic <name>', 'the source topic that --input goes to')
    .option('--processors <names>', 'only these, separated by commas', list)
    .option('--data <dir>', 'keep topics, offsets and state there; a run that was killed goes on where it was')
    .option(
      '--brokers <host:port>',
      'use this Kafka instead of topics in files (several: separated by commas)',
      addresses,
    )
    .option('--dynamodb <url>', 'use this DynamoDB endpoint instead of the one inside', url)
    .option('--exit', 'end when everything produced is processed and published')
    .option('--close-windows', 'with --exit: first move time past the last open window')
    .option('--json', 'print one JSON object at the end and nothing else; progress goes to stderr')
    .option('--output <dir>', 'write every output topic, table and the parked records to NAME.ndjson')
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut, writeErr: () => undefined })
    .exitOverride()
}

/** A reader of whole numbers from `min` to `max`. @throws MillraceError `USAGE` */
export function whole(flag: string, min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw usage(`${flag} is ${JSON.stringify(text)}.`, `Give a whole number from ${min} to ${max}.`)
  }
}

function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return names
  throw usage(
    `--processors is ${JSON.stringify(text)}.`,
    'Give names separated by commas, as in card-spend,fraud-detection.',
  )
}

/** Brokers as `HOST:PORT,…`. @throws MillraceError `USAGE` */
export function addresses(text: string): string[] {
  const found = text.split(',').map((address) => address.trim())
  const wrong = found.find((address) => !isAddress(address))
  if (wrong === undefined) return found
  throw usage(
    `--brokers is ${JSON.stringify(text)}.`,
    `Give HOST:PORT with a port from 1 to ${PORT_MAX}, as in localhost:9092.`,
  )
}

function isAddress(text: string): boolean {
  const port = Number(/^(?:\[[\da-f:]+\]|[\w.-]+):(\d{1,5})$/i.exec(text)?.[1])
  return port >= 1 && port <= PORT_MAX
}

/** @throws MillraceError `USAGE` for what is no http address */
export function url(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw usage(`--dynamodb is ${JSON.stringify(text)}.`, 'Give an address, as in http://localhost:8000.')
}

/** Commander's "error: unknown option '--event'\n(Did you mean --events?)" as a sentence. */
export function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  const end = /[.?)]$/.test(text) ? '' : '.'
  return text.charAt(0).toUpperCase() + text.slice(1) + end
}
