import { MillraceError } from '../../shared/errors.ts'

/** What nobody has signed in for, as the SDK and the services name it. */
const SIGN_IN =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidSignatureException|InvalidClientTokenId)$/
/** Answers of Lambda that pass: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const PASSES =
  /^(TooManyRequestsException|ServiceException|ResourceInUseException|ResourceConflictException|ResourceNotReadyException|ENINotReadyException|EC2ThrottledException|TimeoutError)$/

/**
 * A failure of AWS, with the way out.
 *
 * @param action What was asked for, as IAM names it.
 */
export function awsError(action: string, error: unknown): MillraceError {
  if (!(error instanceof Error)) return refused(action, String(error), 'Try again.', error)
  const { name, message } = error
  if (SIGN_IN.test(name))
    return refused(action, message, 'Sign in (aws sso login, or AWS_PROFILE, or the variables of a role).', error)
  if (message === 'Region is missing')
    return refused(action, 'no Region is set', 'Set AWS_REGION, or a region in the profile.', error)
  if (/^AccessDenied/.test(name))
    return refused(action, message, `Allow ${action}; docs/operations.md has the whole policy.`, error)
  if (PASSES.test(name) || isUnreached(error))
    return new MillraceError('AWS_UNREACHABLE', { action, reason: reasonIn(error) }, { cause: error })
  return refused(action, `${name}: ${message}`, 'Check the stack, its Region and its functions.', error)
}

const refused = (action: string, reason: string, fix: string, cause: unknown): MillraceError =>
  new MillraceError('AWS_REFUSED', { action, reason: reason.replace(/\.$/, ''), fix }, { cause })

/** Nobody answered, or a service did with its own failure. */
function isUnreached(error: Error): boolean {
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: unknown }
  const status = $metadata?.httpStatusCode
  return status === undefined ? typeof code === 'string' : status >= 500
}

function reasonIn(error: Error): string {
  const { code } = error as { code?: unknown }
  return error.message || (typeof code === 'string' ? code : error.name)
}
