import { Command, CommanderError } from 'commander'
import { addresses, HelpAsked, sentence, url, usage, whole } from '../local/cli/flags.ts'
import type { Plan } from '../shared/processor/plan-types.ts'
import { forget } from './commands/forget.ts'
import { journalShow } from './commands/journal-show.ts'
import { lag } from './commands/lag.ts'
import { parkedList, parkedShow } from './commands/parked.ts'
import { pause } from './commands/pause.ts'
import { prune } from './commands/prune.ts'
import { redrive } from './commands/redrive.ts'
import { skip } from './commands/skip.ts'
import { stateGet } from './commands/state-get.ts'
import { addSettings } from './settings/flags.ts'
import { partitionOf, stagesNamed, statefulStage } from './stages.ts'
import type { Mappings, Outcome, Target } from './target.ts'
import type { Where } from './where.ts'

/** What was asked for: its work needs a target, or only what feeds the stages. */
export type Work =
  | { readonly needs: 'target'; readonly run: (target: Target, plan: Plan) => Promise<Outcome> }
  | { readonly needs: 'mappings'; readonly run: (mappings: Mappings, plan: Plan) => Promise<Outcome> }

export interface Asked {
  readonly where: Where
  readonly json: boolean
  readonly work: Work
}

const EXAMPLES = `
Examples:
  npm run ops -- lag --data ./state
  npm run ops -- parked list --data ./state --reason SCHEMA
  npm run ops -- parked redrive --data ./state --reason CODE_FAILED
  npm run ops -- state get card-spend card-17 --at 120000 --data ./state
  npm run ops -- skip card-spend 3 --to 5120 --brokers localhost:9092 --dynamodb http://localhost:8000
  npm run ops -- pause card-spend --data ./state
  npm run ops -- settings apply card-rules draft.json --note "the attack of Monday" --data ./state
  npm run ops -- parked redrive --reason CODE_FAILED --aws --stack payments-prod
`

type Options = Where & { readonly json?: true }

/** @throws MillraceError `USAGE`, HelpAsked */
export function parseOps(argv: readonly string[]): Asked {
  let help = ''
  let work: Work | undefined
  const program = newProgram(
    (text) => {
      help += text
    },
    (asked) => {
      work = asked
    },
  )
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') throw new HelpAsked(help)
    if (error.code === 'commander.help') throw usage('The command is not complete.', 'See npm run ops -- --help.')
    throw usage(sentence(error.message), 'See npm run ops -- --help.')
  }
  if (work === undefined) throw usage('The command is missing.', 'See npm run ops -- --help.')
  const { json, ...where } = program.opts<Options>()
  return { where, json: json === true, work }
}

function newProgram(writeOut: (text: string) => void, ask: (work: Work) => void): Command {
  const program = new Command('npm run ops --')
    .description("The operator's commands, for the processors of functions/index.ts.")
    .option(
      '--data <dir>',
      'the data directory of a run that is not running now (pause and resume: also of one that is)',
    )
    .option('--brokers <host:port>', 'a Kafka by address (several: separated by commas)', addresses)
    .option('--dynamodb <url>', 'a DynamoDB endpoint', url)
    .option('--aws', 'the deployed functions of --stack, with the Region and credentials that the AWS CLI would use')
    .option('--stack <name>', 'with --aws: the name of the stack (default: millrace)')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut, writeErr: () => undefined })
    .exitOverride()
  const onTarget = (run: Extract<Work, { needs: 'target' }>['run']) => ask({ needs: 'target', run })
  addParked(program.command('parked').description('records that could not be processed'), onTarget)
  addSettings(program.command('settings').description('settings of rules, without a deploy'), onTarget)
  addReading(program, onTarget)
  addChanging(program, onTarget)
  for (const [name, paused] of [['pause', true] as const, ['resume', false] as const])
    program
      .command(`${name} <processor>`)
      .description(paused ? 'let its records wait' : 'go on after a pause')
      .action((processor: string) =>
        ask({ needs: 'mappings', run: (mappings, plan) => pause(mappings, stagesNamed(plan, processor), paused) }),
      )
  return program
}

type OnTarget = (run: (target: Target, plan: Plan) => Promise<Outcome>) => void

interface SelectionFlags {
  readonly id?: string
  readonly reason?: string
  readonly processor?: string
}

const withSelection = (command: Command): Command =>
  command
    .option('--reason <code>', 'only those parked for this reason, as SCHEMA')
    .option('--processor <name>', 'only those of this processor')

function addParked(parked: Command, onTarget: OnTarget): void {
  withSelection(parked.command('list'))
    .description('what is parked and can be redriven')
    .option('--limit <n>', 'how many to list', whole('--limit', 1), 50)
    .option('--all', 'those too that were applied or given up')
    .action((given: SelectionFlags & { limit: number; all?: true }) =>
      onTarget((target, plan) => parkedList(target, plan, given, { limit: given.limit, all: given.all === true })),
    )
  parked
    .command('show <id>')
    .description('one of them: where it came from, why it is here, its bytes')
    .action((id: string) => onTarget((target, plan) => parkedShow(target, plan, id)))
  withSelection(parked.command('redrive'))
    .description('apply them, each once, whatever was done before')
    .option('--id <id>', 'only this one')
    .action((given: SelectionFlags) => onTarget((target, plan) => redrive(target, plan, given, false)))
  withSelection(parked.command('discard'))
    .description('give them up, for good')
    .option('--id <id>', 'only this one')
    .option('--yes', 'really, without --id too')
    .action((given: SelectionFlags & { yes?: true }) => {
      if (given.id === undefined && given.yes === undefined)
        throw usage(
          'What is discarded can never be redriven.',
          'Give --id ID for one, or --yes for all that are meant.',
        )
      onTarget((target, plan) => redrive(target, plan, given, true))
    })
}

function addReading(program: Command, onTarget: OnTarget): void {
  program
    .command('lag')
    .description('per stage and partition: end of the topic, journal, consumer group')
    .argument('[processor]', 'only of this one')
    .action((name?: string) =>
      onTarget((target, plan) => lag(target, plan, name === undefined ? plan.stages : stagesNamed(plan, name))),
    )
  program
    .command('state')
    .description('what a processor holds')
    .command('get <processor> <key>')
    .description('the state of a key, which is text, or JSON as 42 or ["api","error"]')
    .option(
      '--at <offset>',
      'as it was after this offset of the source, as far back as the ring tells',
      whole('--at', 0),
    )
    .option('--partition <n>', 'look there only', whole('--partition', 0))
    .action((name: string, key: string, given: { at?: number; partition?: number }) =>
      onTarget((target, plan) => stateGet(target, statefulStage(plan, name), key, given)),
    )
  program
    .command('journal')
    .description('the log of commits')
    .command('show <processor> <partition>')
    .description('its last commits, in order')
    .option('--last <n>', 'how many', whole('--last', 1), 20)
    .action((name: string, partition: string, { last }: { last: number }) =>
      onTarget((target, plan) => {
        const stage = statefulStage(plan, name)
        return journalShow(target, stage, partitionOf(stage, partition), last)
      }),
    )
}

function addChanging(program: Command, onTarget: OnTarget): void {
  program
    .command('skip <processor> <partition>')
    .description('go on at an offset: what is not read before it is parked')
    .requiredOption('--to <offset>', 'the offset to go on at', whole('--to', 0))
    .action((name: string, partition: string, { to }: { to: number }) =>
      onTarget((target, plan) => {
        const stage = statefulStage(plan, name)
        return skip(target, stage, partitionOf(stage, partition), to)
      }),
    )
  program
    .command('forget <key>')
    .description('erase a key in every processor, and say what is out of reach')
    .option('--yes', 'really')
    .action((key: string, { yes }: { yes?: true }) =>
      onTarget((target, plan) => forget(target, plan, key, yes === true)),
    )
  program
    .command('prune')
    .description('what is left of processors and generations that are declared no more')
    .option('--yes', 'delete it')
    .action(({ yes }: { yes?: true }) => onTarget((target, plan) => prune(target, plan, yes === true)))
}
