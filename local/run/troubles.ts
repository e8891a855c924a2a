import { atDeclaration, isMillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Log } from '../../shared/runtime/ports.ts'

/** What a retry cannot mend may still pass, as when a new topic is not known everywhere yet: it is given some attempts. */
const HOPELESS_ATTEMPTS = 5
/** What a retry can mend is worth a word when it has not done so by then. */
const WORRYING_ATTEMPT = 3
const LINES_MAX = 200

/** Tells the user of failures, each once, and ends the run when one will not pass. In AWS it would be tried for ever. */
export class Troubles {
  /** Rejects with the failure that ends the run. */
  readonly fatal: Promise<never>
  readonly #say: (line: string) => void
  readonly #said = new Set<string>()
  #fail: (error: unknown) => void = () => undefined

  constructor(say: (line: string) => void) {
    this.#say = say
    this.fatal = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.fatal.catch(() => undefined)
  }

  /** Ends the run. */
  fail = (error: unknown): void => this.#fail(error)

  /** A stage's attempt has failed. */
  attempt = (stage: Stage, error: unknown, attempt: number): void => {
    const hopeless = !(isMillraceError(error) && error.retriable)
    if (hopeless || attempt >= WORRYING_ATTEMPT) this.#once(`${stage.id}: ${messageOf(error)}`)
    if (hopeless && attempt >= HOPELESS_ATTEMPTS) this.#fail(error)
  }

  /** The runtime's log: only what someone should know. */
  log: Log = (level, { metrics: _, ...event }) => {
    if (level === 'warn' || level === 'error') this.#once(`${level}: ${JSON.stringify(event)}`)
  }

  #once(line: string): void {
    if (this.#said.has(line) || this.#said.size >= LINES_MAX) return
    this.#said.add(line)
    this.#say(line)
  }
}

/** An error of ours says all in its message, and where in functions/ it was declared; of any other the place is what helps. */
export function messageOf(error: unknown): string {
  if (isMillraceError(error)) return atDeclaration(error)
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
