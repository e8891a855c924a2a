import { type ErrorCode, type Facts, MillraceError, nameOf } from '../errors.ts'

/** An error of our own keeps its code; anything else is a failure of the processor's code, named by its class only: a message may quote data. */
export function parkedFor(error: unknown, what: string): { code: ErrorCode; facts: Facts } {
  if (error instanceof MillraceError) return { code: error.code, facts: error.facts }
  return { code: 'CODE_FAILED', facts: { error: nameOf(error), what } }
}
