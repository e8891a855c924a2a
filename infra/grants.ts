import type { Stage } from '../shared/processor/plan-types.ts'

/** One statement of a role's policy, as plain values. */
export interface Grant {
  readonly sid: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** What grants name. The tests give readable words, the stack gives ARNs. */
export interface Arns {
  /** undefined: not an MSK cluster, so nothing of Kafka is granted by IAM. */
  readonly kafka: KafkaArns | undefined
  readonly journal: string
  readonly table: (physicalName: string) => string
  readonly logs: string
  /** The customer key of journal and tables. */
  readonly key: string
  /** The service through which alone the key may be used: `dynamodb.REGION.amazonaws.com`. */
  readonly keyVia: string
  readonly secret: { readonly arn: string; readonly key: string | undefined } | undefined
}

export interface KafkaArns {
  readonly cluster: string
  readonly topic: (name: string) => string
  readonly group: (name: string) => string
}

/**
 * Everything that a stage's role may do, and nothing else: the event source mapping works under the same role, so what
 * the poller needs is here too. A deny stands where a mistake in another statement would hurt most.
 */
export function grantsOf(stage: Stage, arns: Arns): readonly Grant[] {
  return [
    ...(arns.kafka ? kafkaGrants(stage, arns.kafka) : []),
    ...journalGrants(stage, arns),
    ...tableGrants(stage, arns),
    ...(stage.journalPrefix !== undefined || stage.writesTables.length > 0 ? [keyGrant(arns)] : []),
    ...secretGrants(arns),
    allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [arns.logs]),
    allow('AttachNetwork', attachNetwork, ['*']),
    { ...deny('NoNetworkCallsFromCode', attachNetwork, ['*']), conditions: callsFromCode },
  ]
}

// The kafka-cluster actions: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
function kafkaGrants(stage: Stage, { cluster, topic, group }: KafkaArns): Grant[] {
  const written = stage.writesTopics.map((t) => topic(t.name))
  const idempotently = written.length > 0 ? ['kafka-cluster:WriteDataIdempotently'] : []
  const connect = ['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration', ...idempotently]
  return [
    allow('Connect', connect, [cluster]),
    allow('ReadSource', ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], [topic(stage.source.name)]),
    allow('OwnGroup', ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [group(stage.group)]),
    ...(written.length > 0
      ? [allow('WriteOutputs', ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], written)]
      : []),
    ...upstreamGrants(stage, topic, group),
    allow('DescribeCluster', ['kafka:DescribeCluster', 'kafka:DescribeClusterV2'], [cluster]),
    // This action takes no resource: granted on the cluster, it grants nothing.
    allow('FindBrokers', ['kafka:GetBootstrapBrokers'], ['*']),
    deny('NoLoops', ['kafka-cluster:WriteData'], [topic(stage.source.name)]),
    deny('NoTopicAdmin', topicAdmin, [topic('*')]),
    deny('NoGroupAdmin', ['kafka-cluster:DeleteGroup'], [group('*')]),
  ]
}

/** Whether a lane is idle is judged from how far the stage that writes it has come, and from what is left there to be read. */
function upstreamGrants({ upstream }: Stage, topic: KafkaArns['topic'], group: KafkaArns['group']): Grant[] {
  if (upstream.length === 0) return []
  const sources = [...new Set(upstream.map(({ source }) => topic(source.name)))]
  return [
    allow('WatchUpstreamSource', ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], sources),
    allow(
      'WatchUpstreamGroup',
      ['kafka-cluster:DescribeGroup'],
      upstream.map((stage) => group(stage.group)),
    ),
  ]
}

function journalGrants({ journalPrefix }: Stage, { journal }: Arns): Grant[] {
  if (journalPrefix === undefined) return []
  const actions = ['dynamodb:BatchGetItem', 'dynamodb:PutItem']
  const conditions = {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${journalPrefix}*`] },
    // ForAllValues alone also holds for a request that carries no key at all.
    Null: { 'dynamodb:LeadingKeys': 'false' },
  }
  return [{ ...allow('OwnJournal', actions, [journal]), conditions }]
}

function tableGrants({ writesTables, readsTables }: Stage, { table }: Arns): Grant[] {
  const write = writesTables.map((t) => table(t.physicalName))
  const read = readsTables.map((t) => table(t.physicalName))
  return [
    ...(write.length > 0 ? [allow('WriteTables', ['dynamodb:PutItem'], write)] : []),
    ...(read.length > 0 ? [allow('ReadSettings', ['dynamodb:GetItem'], read)] : []),
  ]
}

// What DynamoDB does in the caller's name with a customer key:
// https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html#dynamodb-customer-cmk-policy
function keyGrant({ key, keyVia }: Arns): Grant {
  const actions = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom']
  const conditions = { StringEquals: { 'kms:ViaService': keyVia } }
  return { ...allow('UseKeyThroughDynamoDB', [...actions, 'kms:ReEncryptTo'], [key]), conditions }
}

function secretGrants({ secret }: Arns): Grant[] {
  if (!secret) return []
  const read = allow('ReadCredentials', ['secretsmanager:GetSecretValue'], [secret.arn])
  return secret.key === undefined ? [read] : [read, allow('DecryptCredentials', ['kms:Decrypt'], [secret.key])]
}

// The function's and the mapping's network interfaces; these actions know no narrower resource.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
// https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
const attachNetwork = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
  'ec2:UnassignPrivateIpAddresses',
]

// Calls that Lambda itself makes for the network or for the mapping carry no source function, those of our code do.
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
const callsFromCode = { Null: { 'lambda:SourceFunctionArn': 'false' } }

const topicAdmin = [
  'kafka-cluster:AlterTopic',
  'kafka-cluster:AlterTopicDynamicConfiguration',
  'kafka-cluster:CreateTopic',
  'kafka-cluster:DeleteTopic',
]

const allow = (sid: string, actions: readonly string[], resources: readonly string[]): Grant => ({
  sid,
  effect: 'Allow',
  actions,
  resources,
})

const deny = (sid: string, actions: readonly string[], resources: readonly string[]): Grant => ({
  ...allow(sid, actions, resources),
  effect: 'Deny',
})
