import { HelpAsked } from '../local/cli/flags.ts'
import { messageOf } from '../local/run/troubles.ts'
import { isMillraceError } from '../shared/errors.ts'
import { plan as planOf } from '../shared/processor/plan.ts'
import { parseOps, type Work } from './cli.ts'
import { printableJson, printableLines } from './printable.ts'
import type { Outcome } from './target.ts'
import { openMappings, openTarget, type Where } from './where.ts'

const OK = 0
const NOT_ALL_DONE = 1
const WRONG_USAGE = 2
const WRONG_INPUT = ['USAGE', 'PROCESSORS_UNKNOWN', 'SETTINGS_INVALID'] as const

/** Where a command writes to. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly errors: (text: string) => void
}

/** `npm run ops`. @returns the exit code: 1 when something was asked for and not done, 2 for a wrong command line */
export async function runOps(argv: readonly string[], { out, errors }: Terminal): Promise<number> {
  const say = (line: string): void => errors(`${printableLines(line)}\n`)
  try {
    const { where, json, work } = parseOps(argv)
    const outcome = await run(work, where, say)
    out(`${json ? printableJson(outcome.json) : printableLines(outcome.text)}\n`)
    return outcome.ok === false ? NOT_ALL_DONE : OK
  } catch (error) {
    if (error instanceof HelpAsked) {
      out(`${error.text.trimEnd()}\n`)
      return OK
    }
    say(messageOf(error))
    return WRONG_INPUT.some((code) => isMillraceError(error, code)) ? WRONG_USAGE : NOT_ALL_DONE
  }
}

async function run(work: Work, where: Where, say: (line: string) => void): Promise<Outcome> {
  // Here, so that a declaration that cannot be is told like any other error.
  const { processors } = await import('../functions/index.ts')
  const plan = planOf(processors)
  if (work.needs === 'mappings') return work.run(await openMappings(where), plan)
  const target = await openTarget(where, plan, say)
  try {
    return await work.run(target, plan)
  } finally {
    await target.close()
  }
}
