import { MillraceError, nameOf } from '../../errors.ts'

const FRAMES_MAX = 10

/**
 * The failure as it may be shown. Lambda logs whatever a function throws, message and fields and all, and the message of
 * an error that is not ours may quote data (`JSON.parse` does): then only its class and the place in the code are left.
 */
export function presentable(failure: unknown): MillraceError {
  if (failure instanceof MillraceError) return failure.cause === undefined ? failure : withoutCause(failure)
  const error = nameOf(failure)
  const shown = new MillraceError('UNEXPECTED', { error })
  shown.stack = `${shown.name}: ${shown.message}\n${framesOf(failure).join('\n')}`
  return shown
}

/** Its reason says what the cause was called; the cause itself is not ours, and whoever prints an error prints that too. */
function withoutCause({ code, facts, stack }: MillraceError): MillraceError {
  const shown = new MillraceError(code, facts)
  return Object.assign(shown, stack !== undefined && { stack })
}

/** The stack without the message, which stands before it and may have lines of its own. */
function framesOf(failure: unknown): string[] {
  if (!(failure instanceof Error) || typeof failure.stack !== 'string') return []
  const { message, stack } = failure
  const at = stack.indexOf(message)
  if (at === -1) return []
  return stack
    .slice(at + message.length)
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .slice(0, FRAMES_MAX)
}
