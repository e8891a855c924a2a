import { MillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { InvocationReport } from '../../shared/runtime/kafka-event.ts'
import type { Mappings, Target } from '../target.ts'

/** What is used of AWS Lambda. */
export interface LambdaApi {
  /** The name of the function that runs a stage; undefined when there is none in the stack. */
  functionOf(stage: string): Promise<string | undefined>
  /** Synchronously. `failed`: the payload tells of an error. */
  invoke(functionName: string, payload: string): Promise<{ readonly failed: boolean; readonly payload: string }>
  /** Ids of the event source mappings of a function. */
  mappingsOf(functionName: string): Promise<readonly string[]>
  setEnabled(mappingId: string, enabled: boolean): Promise<void>
}

/** Deployed functions; Kafka and the journal's table are reached from here. */
export function awsTarget(lambda: LambdaApi, around: Omit<Target, 'invoke'>): Target {
  return {
    ...around,
    async invoke(stage, event) {
      const answer = await lambda.invoke(await functionOf(lambda, stage), JSON.stringify(event))
      if (!answer.failed) return JSON.parse(answer.payload) as InvocationReport
      throw new MillraceError('FUNCTION_FAILED', { stage: stage.id, message: messageIn(answer.payload) })
    },
  }
}

/** Event source mappings, by their `Enabled`. One that is disabled keeps its group's offsets. */
export function awsMappings(lambda: LambdaApi): Mappings {
  return {
    async setPaused(stage, paused) {
      for (const id of await lambda.mappingsOf(await functionOf(lambda, stage))) await lambda.setEnabled(id, !paused)
    },
  }
}

async function functionOf(lambda: LambdaApi, { id }: Stage): Promise<string> {
  const name = await lambda.functionOf(id)
  if (name !== undefined) return name
  throw new MillraceError('USAGE', {
    problem: `The stack has no function for the stage ${id}.`,
    fix: 'Check --stack, or deploy this version of the code.',
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
