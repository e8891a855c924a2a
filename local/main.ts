import { setFlagsFromString } from 'node:v8'
import { isMillraceError } from '../shared/errors.ts'
import { stageHandler } from '../shared/runtime/handler.ts'
import { HelpAsked, parseFlags } from './cli/flags.ts'
import { runOptions } from './cli/options.ts'
import { progressView } from './cli/progress.ts'
import { reportText } from './cli/report.ts'
import { EndedAtStart, run } from './run/run.ts'
import { messageOf } from './run/troubles.ts'

const OK = 0
const FAILED = 1
const WRONG_USAGE = 2
const INTERRUPTED = 130

/** `npm start`: the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const flags = parseFlags(argv)
    // Here, so that a declaration that cannot be is told like any other error.
    const { processors } = await import('../functions/index.ts')
    const options = runOptions(flags, processors)
    const view = progressView(process.stderr)
    const summary = await run(options, { newHandler: stageHandler, view, interrupted: interruption() })
    await print(options.json ? JSON.stringify(summary, null, 2) : reportText(summary, process.stdout.columns))
    for (const problem of summary.problems) process.stderr.write(`The counts do not add up: ${problem}\n`)
    return summary.problems.length > 0 ? FAILED : OK
  } catch (error) {
    if (error instanceof HelpAsked) {
      await print(error.text)
      return OK
    }
    if (error instanceof EndedAtStart) {
      process.stderr.write('Ended before it began: nothing was fed or processed.\n')
      return INTERRUPTED
    }
    process.stderr.write(`${messageOf(error)}\n`)
    return isMillraceError(error, 'USAGE') || isMillraceError(error, 'PROCESSORS_UNKNOWN') ? WRONG_USAGE : FAILED
  }
}

/** Resolves at the first Ctrl-C; the second ends the process. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const ask = (): void => {
      if (asked) process.exit(INTERRUPTED)
      asked = true
      resolve()
    }
    // SIGHUP: the terminal was closed.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
  })
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${text.trimEnd()}\n`, () => resolve())
  })
}

// Batches live just long enough to be taken for lasting; by default the heap may grow to four times what really lasts.
setFlagsFromString('--heap-growing-percent=40')
process.exit(await main(process.argv.slice(2)))
