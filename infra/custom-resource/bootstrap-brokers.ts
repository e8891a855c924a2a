import { GetBootstrapBrokersCommand, KafkaClient } from '@aws-sdk/client-kafka'
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda'

type Lookup = (clusterArn: string) => Promise<string>

/**
 * Tells CloudFormation a cluster's bootstrap brokers, which `AWS::MSK::Cluster` does not return. Always answers:
 * without an answer a deployment hangs until it times out.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const response = await answer(event, bootstrapBrokers)
  const sent = await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(response) })
  if (!sent.ok) throw new Error(`CloudFormation did not take the answer: ${sent.status} ${sent.statusText}`)
}

/** The answer to `event`; `lookup` is asked on create and update alone. */
export async function answer(
  event: CloudFormationCustomResourceEvent,
  lookup: Lookup,
): Promise<CloudFormationCustomResourceResponse> {
  const clusterArn = String(event.ResourceProperties.ClusterArn)
  const { StackId, RequestId, LogicalResourceId } = event
  const about = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: clusterArn }
  try {
    const Data = event.RequestType === 'Delete' ? {} : { Brokers: await lookup(clusterArn) }
    return { ...about, Status: 'SUCCESS', Data }
  } catch (error) {
    return { ...about, Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) }
  }
}

async function bootstrapBrokers(clusterArn: string): Promise<string> {
  const { BootstrapBrokerStringSaslIam } = await kafka.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }))
  if (!BootstrapBrokerStringSaslIam)
    throw new Error(`The cluster ${clusterArn} has no brokers for IAM authentication. Turn it on.`)
  return BootstrapBrokerStringSaslIam
}

const kafka = new KafkaClient({})
