import { MillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { InvocationReport } from '../../shared/runtime/kafka-event.ts'
import type { Mappings, Target } from '../target.ts'

/** What is used of AWS Lambda. */
export interface LambdaApi {
  /** The function that runs a stage; undefined when there is none in the stack. */
  functionOf(stageId: string): Promise<DeployedFunction | undefined>
  /** Synchronously. `failed`: the payload tells of an error. */
  invoke(functionName: string, payload: string): Promise<{ readonly failed: boolean; readonly payload: string }>
  /** Ids of the event source mappings of a function. */
  mappingsOf(functionName: string): Promise<readonly string[]>
  /** Returns when it is asked for: a mapping takes a moment to obey. */
  setEnabled(mappingId: string, enabled: boolean): Promise<void>
}

export interface DeployedFunction {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
}

/** Deployed functions; Kafka and the journal's table are reached from here. */
export function awsTarget(lambda: LambdaApi, around: Omit<Target, 'invoke'>): Target {
  return {
    ...around,
    async invoke(stage, event) {
      const { name } = await functionOf(lambda, stage)
      const answer = await lambda.invoke(name, JSON.stringify(event))
      if (!answer.failed) return JSON.parse(answer.payload) as InvocationReport
      throw new MillraceError('FUNCTION_FAILED', { stage: stage.id, message: messageIn(answer.payload) })
    },
  }
}

/** Event source mappings, by their `Enabled`. One that is disabled keeps its group's offsets. */
export function awsMappings(lambda: LambdaApi): Mappings {
  return {
    async setPaused(stage, paused) {
      const { name } = await functionOf(lambda, stage)
      const ids = await lambda.mappingsOf(name)
      if (ids.length === 0)
        throw new MillraceError('USAGE', {
          problem: `Nothing feeds the function ${name} of ${stage.id}: it has no event source mapping.`,
          fix: 'Deploy the stack again.',
        })
      for (const id of ids) await lambda.setEnabled(id, !paused)
    },
  }
}

/** @throws MillraceError `USAGE` when the stack has none */
export async function functionOf(lambda: LambdaApi, { id }: Stage): Promise<DeployedFunction> {
  const found = await lambda.functionOf(id)
  if (found !== undefined) return found
  throw new MillraceError('USAGE', {
    problem: `The stack has no function for the stage ${id}.`,
    fix: 'Check --stack, the Region and the account, or deploy this version of the code.',
  })
}

/** Lambda answers with `{ errorType, errorMessage }`, or with something else when it killed the function. */
function messageIn(payload: string): string {
  try {
    const { errorMessage } = JSON.parse(payload) as { errorMessage?: unknown }
    return typeof errorMessage === 'string' ? errorMessage : 'it said nothing that can be read.'
  } catch {
    return 'it said nothing that can be read.'
  }
}
