import { usage } from '../local/cli/flags.ts'
import type { Mappings, Target } from './target.ts'
import { localMappings, localTarget } from './targets/local.ts'

/** Where a command is to work, as the flags say. */
export interface Where {
  readonly data?: string
  readonly brokers?: readonly string[]
  readonly dynamodb?: string
  readonly aws?: true
  readonly stack?: string
}

/** @throws MillraceError `USAGE`, `BROKER_UNREACHABLE`, `DATABASE_UNREACHABLE` */
export function openTarget(where: Where, say: (line: string) => void): Promise<Target> {
  checkWhere(where)
  const { data, brokers, dynamodb } = where
  return localTarget({ dataDirectory: data, brokers, databaseUrl: dynamodb }, say)
}

/** @throws MillraceError `USAGE` */
export function openMappings(where: Where): Mappings {
  checkWhere(where)
  return localMappings(where.data)
}

function checkWhere({ data, brokers, dynamodb, aws, stack }: Where): void {
  if (aws || stack !== undefined)
    throw usage(
      '--aws invokes deployed functions through @aws-sdk/client-lambda, which is not among the dependencies yet.',
      'Invoke the function yourself with the event of docs/operations.md, or use --brokers and --dynamodb.',
    )
  if (data === undefined && (brokers === undefined || dynamodb === undefined))
    throw usage(
      'The command does not say where to work.',
      'Give --data DIR of a run, or --brokers HOST:PORT and --dynamodb URL.',
    )
  if (data !== undefined && brokers !== undefined && dynamodb !== undefined)
    throw usage('--data has nothing: topics are at --brokers, state is at --dynamodb.', 'Leave out --data.')
}
