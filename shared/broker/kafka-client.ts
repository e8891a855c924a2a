import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { MillraceError } from '../errors.ts'
import { answerOf, clientOptions, isRefusal, type KafkaConnection, reasonOf, within } from './kafka-connection.ts'

/** Every call to the cluster goes through here: tried again while that can help, and never for longer than the limit. */
export interface KafkaClient {
  /**
   * Runs `operation`, again after failures that can pass. Operations must bear being run twice.
   *
   * @param subject What is asked about, for the error text: `topic "payments"`.
   * @throws MillraceError `BROKER_UNREACHABLE` (retriable) when the time is up; `USAGE` when the broker refuses.
   */
  run<T>(subject: string, operation: (admin: Admin, attempt: number) => Promise<T>): Promise<T>
  /** What the client believes the topic's id to be, without asking anyone. */
  knownId(topic: string): string | undefined
  close(): Promise<void>
}

const PAUSE_MS = 200
/** A topic just made shows up on all brokers after a moment. */
const UNKNOWN_TOPIC_PATIENCE_MS = 1_000

/** @param giveUpAfterMs How long a call may take, retries included. */
export function kafkaClient(connection: KafkaConnection, giveUpAfterMs: number): KafkaClient {
  let admin: Admin | undefined
  let closed = false
  const connected = () => {
    admin ??= new Admin({ ...clientOptions(connection), retries: 0 })
    return admin
  }
  const unreachable = (cause: unknown) =>
    new MillraceError(
      'BROKER_UNREACHABLE',
      { address: connection.brokers.join(','), reason: cause === undefined ? 'no answer' : reasonOf(cause) },
      { cause },
    )

  async function run<T>(subject: string, operation: (admin: Admin, attempt: number) => Promise<T>): Promise<T> {
    if (closed) throw unreachable('this client is closed')
    const startedAt = performance.now()
    let last: unknown
    let over = false
    const attempts = async (): Promise<T> => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await operation(connected(), attempt)
        } catch (error) {
          last = error
          const elapsedMs = performance.now() - startedAt
          if (isFinal(error, elapsedMs)) throw refused(subject, error)
          if (over || elapsedMs + PAUSE_MS > giveUpAfterMs) throw unreachable(error)
          await sleep(PAUSE_MS)
        }
      }
    }
    try {
      return await within(giveUpAfterMs, attempts(), () => unreachable(last))
    } finally {
      over = true
    }
  }

  return {
    run,
    knownId: (topic) => admin?.currentMetadata?.topics.get(topic)?.id,
    close: async () => {
      closed = true
      await admin?.close()
    },
  }
}

function isFinal(error: unknown, elapsedMs: number): boolean {
  if (error instanceof MillraceError) return true
  if (isUnknownTopic(error)) return elapsedMs >= UNKNOWN_TOPIC_PATIENCE_MS
  return isRefusal(error)
}

/** True when the cluster answered that it has no such topic, or the topic no such partition. */
export const isUnknownTopic = (error: unknown): boolean => answerOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION'

function refused(subject: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error
  const facts = {
    problem: `The broker refuses what was asked about ${subject} (${reasonOf(error)}).`,
    fix: 'Check that it exists, and the right to use it.',
  }
  return new MillraceError('USAGE', facts, { cause: error })
}
