import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { MillraceError } from '../../shared/errors.ts'
import { HelpAsked } from '../cli/flags.ts'
import { type FaultKind, faultKinds } from './faults.ts'

export interface SimulationFlags {
  readonly seeds: number
  readonly fromSeed: number
  readonly processor?: string
  readonly samples?: string
  readonly workers: number
  readonly counts?: true
  readonly without?: readonly FaultKind[]
  readonly onlyFaults?: readonly number[]
  readonly records?: Readonly<Record<string, number>>
}

const SEEDS = 100
const WORKERS = 2

/**
 * @throws MillraceError `USAGE`
 * @throws HelpAsked
 */
export function parseSimulationFlags(argv: readonly string[], command: string): SimulationFlags {
  let help = ''
  const parser = new Command(command)
    .description(
      'Runs processors through crashes, races, repeats and losses, each seed another schedule, and checks that every record counts once.',
    )
    .option('--seeds <n>', 'schedules for each processor', whole, SEEDS)
    .option('--from-seed <n>', 'the first seed', whole, 1)
    .option('--processor <name>', 'only this one, with those that write what it reads')
    .option('--samples <file>', 'a module that exports samples: makers of values, by topic')
    .option('--workers <n>', 'threads', whole, WORKERS)
    .option('--counts', 'how often each fault struck and each situation came up')
    .option('--without <kinds>', 'leave these kinds of faults out', kinds)
    .option('--only-faults <numbers>', 'let only these faults strike, by their numbers', numbers)
    .option('--records <counts>', 'only so many records, such as logs-0=3,logs-1=0', counts)
    .exitOverride()
    .configureOutput({
      writeOut(text) {
        help += text
      },
      writeErr() {},
    })
  try {
    return parser.parse([...argv], { from: 'user' }).opts<SimulationFlags>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') throw new HelpAsked(help)
    const problem = error.message.replace(/^error: /, '')
    throw new MillraceError('USAGE', { problem, fix: `See ${command} --help.` })
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.')
  return Number(text)
}

function kinds(text: string): FaultKind[] {
  const given = text.split(',') as FaultKind[]
  const unknown = given.find((kind) => !faultKinds.includes(kind))
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no ${unknown}. Kinds: ${faultKinds.join(', ')}.`)
  return given
}

const numbers = (text: string): number[] => (text === 'none' ? [] : text.split(',').map(whole))

const counts = (text: string): Record<string, number> =>
  Object.fromEntries(
    text.split(',').map((each) => {
      const [, place, count] = /^(.+)=(\d{1,6})$/.exec(each) ?? []
      if (place === undefined) throw new InvalidArgumentError('It must be topic-partition=count, with commas between.')
      return [place, Number(count)]
    }),
  )
