import type { KafkaAuth } from '../../broker/kafka-connection.ts'
import { MillraceError } from '../../errors.ts'
import type { Plan, Stage } from '../../processor/plan-types.ts'

/** What a function is told by its environment. */
export interface LambdaSettings {
  readonly stage: Stage
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly auth: KafkaAuth
  /** undefined for a stage without state. */
  readonly journalTable: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment, once per function instance: whatever is wrong with it is found before the first record.
 *
 * @throws MillraceError `SETTING_MISSING`, `STAGE_UNKNOWN`, `USAGE`
 */
export function settingsFrom(environment: Environment, plan: Plan): LambdaSettings {
  const stage = stageIn(plan, setting(environment, 'MILLRACE_STAGE', 'Set it to the id of a stage.'))
  const brokers = setting(environment, 'MILLRACE_BROKERS', 'Set it to the bootstrap brokers, as host:port,host:port.')
  return {
    stage,
    brokers: brokers.split(',').map((address) => address.trim()),
    auth: authIn(environment),
    journalTable: stage.stateful
      ? setting(environment, 'MILLRACE_JOURNAL_TABLE', 'Set it to the name of the journal table.')
      : undefined,
  }
}

function stageIn(plan: Plan, id: string): Stage {
  const stage = plan.stages.find((each) => each.id === id)
  if (stage === undefined)
    throw new MillraceError('STAGE_UNKNOWN', { stage: id, known: plan.stages.map((each) => each.id).join(', ') })
  return stage
}

function authIn(environment: Environment): KafkaAuth {
  const kind = setting(environment, 'MILLRACE_AUTH', "Set it to 'iam' (Amazon MSK) or 'none' (plain text).")
  if (kind === 'none') return { kind }
  if (kind === 'iam') return { kind, region: setting(environment, 'AWS_REGION', 'Lambda sets it.') }
  throw new MillraceError('USAGE', {
    problem: `MILLRACE_AUTH is ${JSON.stringify(kind)}, but functions can sign in to Kafka with 'iam' or 'none' only.`,
    fix: 'Use a cluster that takes one of them.',
  })
}

function setting(environment: Environment, name: string, fix: string): string {
  const value = environment[name]
  if (value === undefined || value.trim() === '') throw new MillraceError('SETTING_MISSING', { name, fix })
  return value.trim()
}
