import { CfnTopic } from 'aws-cdk-lib/aws-msk'
import type { Construct } from 'constructs'
import { MillraceError } from '../shared/errors.ts'
import type { PlannedTopic } from '../shared/processor/plan-types.ts'
import { keepData } from './encryption.ts'
import type { ClusterSettings, Settings } from './settings.ts'

type Kind = ClusterSettings['kind']

/** Clocks of producers and brokers differ a little: below this a limit would refuse honest records. */
const CLOCK_SKEW_MS = 60_000
const FOR_EVER_MS = '9223372036854775807'

/**
 * A topic's settings, in Kafka's names. The time of our own topics is the broker's, because event time travels in a
 * header there. On others' topics the producer sets the time, so that the broker limits how far it may be off.
 */
export function configsOf(topic: PlannedTopic, kind: Kind): Readonly<Record<string, string>> {
  return {
    ...(topic.compacted ? { 'cleanup.policy': 'compact' } : deleteAfter(topic.retentionMs)),
    ...(topic.role === 'source' ? producerTime(topic) : { 'message.timestamp.type': 'LogAppendTime' }),
    // Express brokers fix it at 2 and refuse it here; on a cluster that exists its own default holds.
    ...(kind === 'standard' && { 'min.insync.replicas': '2' }),
  }
}

const deleteAfter = (retentionMs: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) })

function producerTime(topic: PlannedTopic): Record<string, string> {
  const afterMs = Math.max(topic.declaration?.maxFutureMs ?? 0, CLOCK_SKEW_MS)
  return {
    'message.timestamp.type': 'CreateTime',
    'message.timestamp.after.max.ms': String(afterMs),
    // On Express brokers this is a day by default, which refuses backfills. Older than the retention is gone at once.
    // https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-express-read-write.html
    'message.timestamp.before.max.ms': topic.compacted ? FOR_EVER_MS : String(topic.retentionMs),
  }
}

/**
 * The topics of the plan that do not exist yet, by name. They stay when they leave the template.
 *
 * @throws MillraceError `USAGE` where the topic resource does not work: MSK Serverless and Kafka outside MSK.
 */
export function createTopics(
  scope: Construct,
  topics: readonly PlannedTopic[],
  options: { settings: Settings; clusterArn: string | undefined },
): ReadonlyMap<string, CfnTopic> {
  const { settings, clusterArn } = options
  const { kind } = settings.cluster
  const missing = settings.createTopics ? topics.filter((topic) => topic.create) : []
  if (missing.length > 0 && (clusterArn === undefined || kind === 'serverless')) throw cannotCreate(missing, kind)
  return new Map(missing.map((topic) => [topic.name, createTopic(scope, topic, clusterArn!, kind)]))
}

function createTopic(scope: Construct, topic: PlannedTopic, clusterArn: string, kind: Kind): CfnTopic {
  // The inner form is a JSON object of strings: the reference does not say so, Terraform's provider does.
  // https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/kafka/topic.go
  const configs = Buffer.from(JSON.stringify(configsOf(topic, kind))).toString('base64')
  const { name: topicName, partitions: partitionCount } = topic
  const made = new CfnTopic(scope, topicName, { clusterArn, topicName, partitionCount, replicationFactor: 3, configs })
  made.applyRemovalPolicy(keepData)
  return made
}

function cannotCreate(topics: readonly PlannedTopic[], kind: Kind): MillraceError {
  const lines = topics.map((topic) => {
    const configs = Object.entries(configsOf(topic, kind)).map(([name, value]) => `--config ${name}=${value}`)
    return `  kafka-topics.sh --create --topic ${topic.name} --partitions ${topic.partitions} ${configs.join(' ')}`
  })
  return new MillraceError('USAGE', {
    problem: `AWS creates topics on MSK Provisioned alone, not with cluster=${kind}.`,
    fix: `Create these yourself, then synthesize with -c topics=exist:\n${lines.join('\n')}`,
  })
}
