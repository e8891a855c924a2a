import {
  InvokeCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctions,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { stageLogGroup } from '../../infra/names.ts'
import type { DeployedFunction, LambdaApi } from './aws.ts'
import { awsError } from './aws-error.ts'

/**
 * AWS Lambda, for the functions of one stack. They have names that CloudFormation made up, so they are found by their
 * log groups, each of which one function has. The list is read once.
 *
 * @throws MillraceError `AWS_UNREACHABLE` (retriable), `AWS_REFUSED`
 */
export function lambdaApi(client: LambdaClient, stack: string): LambdaApi {
  let functions: Promise<ReadonlyMap<string, DeployedFunction>> | undefined
  return {
    async functionOf(stageId) {
      functions ??= byLogGroup(client).catch(failed('lambda:ListFunctions'))
      return (await functions).get(stageLogGroup(stack, stageId))
    },
    async invoke(FunctionName, payload) {
      const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(payload) })
      const answer = await client.send(command).catch(failed('lambda:InvokeFunction'))
      return { failed: answer.FunctionError !== undefined, payload: answer.Payload?.transformToString() ?? '' }
    },
    mappingsOf: (functionName) => mappingIds(client, functionName).catch(failed('lambda:ListEventSourceMappings')),
    async setEnabled(UUID, Enabled) {
      const command = new UpdateEventSourceMappingCommand({ UUID, Enabled })
      await client.send(command).catch(failed('lambda:UpdateEventSourceMapping'))
    },
  }
}

async function byLogGroup(client: LambdaClient): Promise<ReadonlyMap<string, DeployedFunction>> {
  const found = new Map<string, DeployedFunction>()
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    for (const { FunctionName, LoggingConfig, Environment } of Functions)
      if (FunctionName !== undefined && LoggingConfig?.LogGroup !== undefined)
        found.set(LoggingConfig.LogGroup, { name: FunctionName, environment: Environment?.Variables ?? {} })
  return found
}

async function mappingIds(client: LambdaClient, functionName: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
    { client },
    { FunctionName: functionName },
  ))
    for (const { UUID } of EventSourceMappings) if (UUID !== undefined) ids.push(UUID)
  return ids
}

const failed =
  (action: string) =>
  (error: unknown): never => {
    throw awsError(action, error)
  }
