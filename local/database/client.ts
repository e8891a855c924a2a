import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { MillraceError } from '../../shared/errors.ts'

const REACH_WITHIN_MS = 6_000
const CONNECT_WITHIN_MS = 3_000
const ANSWER_WITHIN_MS = 10_000
const SOCKETS_MAX = 128
// What a local server takes for credentials; it does not look at them.
const ANYONE = { accessKeyId: 'local', secretAccessKey: 'local' }

/**
 * A client of a DynamoDB endpoint: with the environment's credentials and region where it has some. A request fails that
 * has no answer in `answerWithinMs`, after some attempts.
 */
export function databaseClient(endpoint: string, answerWithinMs = ANSWER_WITHIN_MS): DynamoDBClient {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_PROFILE } = process.env
  return new DynamoDBClient({
    endpoint,
    region: AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
    ...(!AWS_ACCESS_KEY_ID && !AWS_PROFILE && { credentials: ANYONE }),
    maxAttempts: 5,
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: answerWithinMs,
      // Otherwise it only warns, and waits for ever.
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: SOCKETS_MAX },
      httpsAgent: { maxSockets: SOCKETS_MAX },
    },
  })
}

/** @throws MillraceError `DATABASE_UNREACHABLE` when the endpoint does not answer within 6 s. */
export async function checkDatabase(client: DynamoDBClient, endpoint: string): Promise<void> {
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(REACH_WITHIN_MS) })
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new MillraceError('DATABASE_UNREACHABLE', { address: endpoint, reason }, { cause: error })
  }
}
