import { type Stack, Validations } from 'aws-cdk-lib'
import { CfnRole } from 'aws-cdk-lib/aws-iam'
import { CfnEventInvokeConfig, CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda'
import type { IConstruct } from 'constructs'

/** A finding that stays, on the resources where it stays, and why. */
interface Acknowledgement {
  readonly id: string
  readonly on: (resource: IConstruct) => boolean
  readonly reason: string
}

const isStageRole = (it: IConstruct): boolean => it instanceof CfnRole && it.node.path.includes('/Stages/')
const isLookupRole = (it: IConstruct): boolean => it instanceof CfnRole && it.node.path.includes('/Kafka/Brokers/')
const isRole = (it: IConstruct): boolean => isStageRole(it) || isLookupRole(it)
const isFunction = (it: IConstruct): boolean => it instanceof CfnFunction

/** All findings that are accepted anywhere in the template. Nothing is acknowledged elsewhere. */
export const acknowledgements: readonly Acknowledgement[] = [
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    on: isStageRole,
    reason:
      'Network interface calls and kafka:GetBootstrapBrokers know no narrower resource. The former are denied to code that runs in the function.',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    on: isLookupRole,
    reason:
      'kafka:GetBootstrapBrokers knows no resource; it answers with addresses, which are of no use without grants.',
  },
  {
    id: 'Serverless-LambdaStarPermissions',
    on: isRole,
    reason: 'The same statements as AwsSolutions-IAM5: those actions exist on * alone.',
  },
  {
    id: 'Serverless-LambdaEventSourceMappingDestination',
    on: (it) => it instanceof CfnEventSourceMapping,
    reason:
      'A destination caps infinite retries at ten and moves records out of order. Bad records are parked by the function, the rest is retried until it works.',
  },
  {
    id: 'Serverless-LambdaDLQ',
    on: isFunction,
    reason:
      'Dead letter queues are for asynchronous events: the tick, which the next minute repeats, and a question of CloudFormation, whose failure fails the deployment. Records come through a mapping.',
  },
  {
    id: 'Serverless-LambdaAsyncFailureDestination',
    on: (it) => it instanceof CfnEventInvokeConfig,
    reason:
      'The asynchronous event is the tick. A failed one is repeated a minute later and shows as an error; alarms watch both.',
  },
  {
    id: 'Serverless-LambdaTracing',
    on: isFunction,
    reason:
      'A Lambda segment covers a batch of up to 10,000 records and says nothing of any of them. Trace context travels in record headers.',
  },
]

/** Acknowledges the findings above, resource by resource: one that appears elsewhere still fails. */
export function acknowledge(stack: Stack): void {
  for (const resource of stack.node.findAll())
    for (const { id, on, reason } of acknowledgements)
      if (on(resource)) Validations.of(resource).acknowledge({ id, reason })
}
