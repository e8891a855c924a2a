import type { Command } from 'commander'
import { whole } from '../../local/cli/flags.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import { settingsApply, settingsRollback } from '../commands/settings-change.ts'
import { settingsShow } from '../commands/settings-show.ts'
import type { Outcome, Target } from '../target.ts'
import { documentIn } from './document.ts'

interface ChangeFlags {
  readonly note?: string
  readonly yes?: true
}

const withChange = (command: Command): Command =>
  command.option('--note <text>', 'who and why, kept with the version').option('--yes', 'really')

/** The commands of `settings`. */
export function addSettings(
  settings: Command,
  onTarget: (run: (target: Target, plan: Plan) => Promise<Outcome>) => void,
): void {
  const options = ({ note, yes }: ChangeFlags) => ({ note, yes: yes === true, nowMs: Date.now() })
  settings
    .command('show <processor>')
    .description('the version in force, its document, and the versions that can be gone back to')
    .option('--last <n>', 'how many of those', whole('--last', 1), 20)
    .action((name: string, { last }: { last: number }) =>
      onTarget((target, plan) => settingsShow(target, plan, name, last)),
    )
  withChange(settings.command('apply <processor> <file>'))
    .description('put a document in force: JSON, as { "rules": … }')
    .action((name: string, file: string, given: ChangeFlags) =>
      onTarget((target, plan) => settingsApply(target, plan, name, documentIn(file), options(given))),
    )
  withChange(settings.command('rollback <processor>'))
    .description('make a new version of an old document')
    .argument('<version>', 'the one to go back to', whole('VERSION', 0))
    .action((name: string, version: number, given: ChangeFlags) =>
      onTarget((target, plan) => settingsRollback(target, plan, name, version, options(given))),
    )
}
