import { MillraceError } from '../errors.ts'

/** What the runtime needs of Lambda's context. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number
  readonly awsRequestId: string
}

/** Time left for the last commit, its outputs and the answer. */
export const HEADROOM_MS = 5_000

/** Says when to stop: before the function's time-out, so that what is done is committed and published, not lost. */
export class Deadline {
  readonly #context: InvocationContext
  constructor(context: InvocationContext) {
    this.#context = context
  }

  get reached(): boolean {
    return this.#context.getRemainingTimeInMillis() < HEADROOM_MS
  }

  /** The error that makes the mapping deliver the rest again. */
  error(done: number, of: number): MillraceError {
    return new MillraceError('DEADLINE', { remainingMs: this.#context.getRemainingTimeInMillis(), done, of })
  }
}
