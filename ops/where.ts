import { DEFAULT_STACK } from '../infra/names.ts'
import { usage } from '../local/cli/flags.ts'
import type { Plan } from '../shared/processor/plan-types.ts'
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

/** @throws MillraceError `USAGE`, `BROKER_UNREACHABLE`, `DATABASE_UNREACHABLE`, `AWS_UNREACHABLE`, `AWS_REFUSED` */
export async function openTarget(where: Where, plan: Plan, say: (line: string) => void): Promise<Target> {
  checkWhere(where)
  const { data, brokers, dynamodb, aws, stack = DEFAULT_STACK } = where
  // Its client takes a while to load, and who works on a laptop's files has no use for it.
  if (aws) return (await import('./targets/deployed.ts')).deployedTarget(plan, stack)
  return localTarget({ dataDirectory: data, brokers, databaseUrl: dynamodb }, say)
}

/** @throws MillraceError `USAGE` */
export async function openMappings(where: Where): Promise<Mappings> {
  checkWhere(where)
  const { data, aws, stack = DEFAULT_STACK } = where
  return aws ? (await import('./targets/deployed.ts')).deployedMappings(stack) : localMappings(data)
}

function checkWhere({ data, brokers, dynamodb, aws, stack }: Where): void {
  if (aws && (data ?? brokers ?? dynamodb) !== undefined)
    throw usage('--aws finds Kafka and the journal by the stack.', 'Leave out --data, --brokers and --dynamodb.')
  if (aws) return
  if (stack !== undefined) throw usage('--stack says nothing without --aws.', 'Give --aws with it.')
  if (data === undefined && (brokers === undefined || dynamodb === undefined))
    throw usage(
      'The command does not say where to work.',
      'Give --data DIR of a run, --brokers HOST:PORT and --dynamodb URL, or --aws.',
    )
  if (data !== undefined && brokers !== undefined && dynamodb !== undefined)
    throw usage('--data has nothing: topics are at --brokers, state is at --dynamodb.', 'Leave out --data.')
}
