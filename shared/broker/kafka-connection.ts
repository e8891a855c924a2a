import type { BaseOptions } from '@platformatic/kafka'

/** `none`: plain text. `iam`: TLS, and AWS's token of the function's role, as MSK wants it. */
export type KafkaAuth = { readonly kind: 'none' } | { readonly kind: 'iam'; readonly region: string }

/** How to reach a Kafka cluster. */
export interface KafkaConnection {
  /** Bootstrap brokers as `host:port`; one that answers is enough. */
  readonly brokers: readonly string[]
  /** Names this client in the broker's logs, metrics and quotas. No white space. */
  readonly clientId: string
  readonly auth: KafkaAuth
  /** How long a broker may take to answer one request, default 5,000 ms. */
  readonly requestTimeoutMs?: number
}

const CONNECT_TIMEOUT_MS = 3_000
const REQUEST_TIMEOUT_MS = 5_000
/** A broker that gives up in time answers before the client does: that keeps the connection, which others use too. */
const ANSWER_GRACE_MS = 500

/** What every client of `@platformatic/kafka` gets from a connection. */
export function clientOptions(connection: KafkaConnection) {
  const timeout = connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  return {
    clientId: connection.clientId,
    bootstrapBrokers: [...connection.brokers],
    connectTimeout: CONNECT_TIMEOUT_MS,
    timeout,
    requestTimeout: timeout + ANSWER_GRACE_MS,
    autocreateTopics: false,
    ...authOptions(connection.auth),
  } satisfies BaseOptions
}

function authOptions(auth: KafkaAuth): Pick<BaseOptions, 'tls' | 'sasl'> {
  if (auth.kind === 'none') return {}
  const { region } = auth
  const signer = import('aws-msk-iam-sasl-signer-js')
  // A failed import must not end the process before anyone asks for a token.
  signer.catch(() => {})
  const token = async () => (await (await signer).generateAuthToken({ region })).token
  return { tls: {}, sasl: { mechanism: 'OAUTHBEARER', token } }
}

/** What the last attempt failed with, taken out of the layers that the client wraps around it. */
export function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors.at(-1))
  if (error instanceof Error && error.cause !== undefined) return rootOf(error.cause)
  return error
}

/** The broker's answer as Kafka names it, such as `TOPIC_AUTHORIZATION_FAILED`; undefined when no broker answered. */
export function answerOf(error: unknown): string | undefined {
  const root = rootOf(error)
  if (!(root instanceof Error)) return undefined
  if ('apiId' in root) return String(root.apiId)
  // The client turns this one answer into an error of its own, without the code.
  return root.message.startsWith('Unknown topic ') ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined
}

/** True when the broker said no, and will say it again. */
export function isRefusal(error: unknown): boolean {
  const root = rootOf(error)
  return answerOf(error) !== undefined && root instanceof Error && 'canRetry' in root && root.canRetry === false
}

/** What went wrong, in a few words. */
export function reasonOf(error: unknown): string {
  const root = rootOf(error)
  if (!(root instanceof Error)) return String(root)
  const answer = answerOf(error)
  if (answer === undefined) return root.message || ('code' in root ? String(root.code) : root.name)
  const detail = 'serverErrorMessage' in root ? root.serverErrorMessage : undefined
  return detail ? `${answer}: ${detail}` : answer
}

/** Rejects with what `late` makes if `work` takes longer than `limitMs`. The work itself is not stopped. */
export async function within<T>(limitMs: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
