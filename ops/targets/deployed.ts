import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { journalTableName } from '../../infra/names.ts'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { dynamoJournalStore } from '../../shared/journal/dynamodb.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import { settingsFrom } from '../../shared/runtime/lambda/settings.ts'
import { dynamoTableReader } from '../../shared/sinks/dynamodb-reader.ts'
import { kafkaTopicSink } from '../../shared/sinks/kafka.ts'
import type { Mappings, Target } from '../target.ts'
import { awsMappings, awsTarget, functionOf, type LambdaApi } from './aws.ts'
import { awsError } from './aws-error.ts'
import { dynamoItems } from './dynamo-items.ts'
import { lambdaApi } from './lambda-api.ts'

/** A function may take this long, and a network may drop a connection on which nothing moves. */
const ANSWER_WITHIN_MS = 910_000
const CONNECT_WITHIN_MS = 5_000

/**
 * The functions of a stack with their Kafka and their journal, by the SDK's default chain of credentials and Region. Kafka
 * is where the functions are told that it is, signed in to as they do; it and the table are reached at the first question.
 *
 * @throws MillraceError `AWS_UNREACHABLE`, `AWS_REFUSED`, `USAGE` when the stack has no function of this plan
 */
export async function deployedTarget(plan: Plan, stack: string): Promise<Target> {
  const lambdaClient = newLambdaClient()
  const lambda = lambdaApi(lambdaClient, stack)
  const { brokers, auth } = await settingsOf(plan, lambda, await regionOf(lambdaClient))
  const connection = { brokers, auth, clientId: 'millrace-ops' }
  const broker = kafkaBroker(connection)
  const topics = kafkaTopicSink(connection)
  const client = new DynamoDBClient({})
  const table = journalTableName(stack)
  const close = async (): Promise<void> => {
    lambdaClient.destroy()
    client.destroy()
    await topics.close()
    await broker.close()
  }
  const journal = dynamoJournalStore({ client, table })
  const items = dynamoItems(client, table)
  return awsTarget(lambda, { broker, journal, items, topics, rows: dynamoTableReader(client), close })
}

/** The event source mappings of a stack. */
export const deployedMappings = (stack: string): Mappings => awsMappings(lambdaApi(newLambdaClient(), stack))

/** All functions of a stack are told of the same Kafka: any of them will do. */
async function settingsOf(plan: Plan, lambda: LambdaApi, region: string) {
  const deployed = await Promise.all(plan.stages.map(({ id }) => lambda.functionOf(id)))
  const { environment } = deployed.find((each) => each !== undefined) ?? (await functionOf(lambda, plan.stages[0]!))
  return settingsFrom({ ...environment, AWS_REGION: region }, plan)
}

const newLambdaClient = (): LambdaClient =>
  new LambdaClient({
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      requestTimeout: ANSWER_WITHIN_MS,
      throwOnRequestTimeout: true,
    },
  })

async function regionOf(client: LambdaClient): Promise<string> {
  try {
    return await client.config.region()
  } catch (error) {
    throw awsError('lambda:ListFunctions', error)
  }
}
