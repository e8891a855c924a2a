import { type Given, refuse, type SettingName, settingsIn } from './context.ts'
import { DEFAULT_STACK } from './names.ts'

/** A network that is there already. Its security group must let itself in on the broker's port. */
export interface ExistingNetwork {
  readonly subnetIds: readonly string[]
  readonly securityGroupId: string
}

/** MSK Provisioned, made here. */
export interface ProvisionedSettings {
  readonly kind: 'express' | 'standard'
  readonly kafkaVersion: string
  readonly instanceType: string
  readonly brokers: number
  /** Disk of each broker; Express brokers have none to size. */
  readonly volumeGb: number | undefined
}

/** Kafka outside MSK, reached through the network given. */
export interface SelfManagedSettings {
  readonly kind: 'self-managed'
  readonly bootstrapServers: readonly string[]
  readonly auth: 'scram-sha-512' | 'scram-sha-256' | 'plain' | 'none'
  readonly secretArn: string | undefined
  readonly secretKeyArn: string | undefined
}

export type ClusterSettings =
  | ProvisionedSettings
  | { readonly kind: 'serverless' }
  | { readonly kind: 'existing'; readonly arn: string }
  | SelfManagedSettings

/** What may differ between two deployments of the same processors; from CDK context, all of it optional. */
export interface Settings {
  /** Name of the stack, the cluster and the journal table. */
  readonly name: string
  readonly region: string
  readonly availabilityZones: readonly string[]
  readonly cluster: ClusterSettings
  /** undefined: make one. */
  readonly network: ExistingNetwork | undefined
  /** False: all topics were made by other means. */
  readonly createTopics: boolean
  readonly logRetentionDays: number
  /** SNS topic that alarms notify. */
  readonly alarmTopicArn: string | undefined
  /** Mappings with pollers share event poller units under this name. */
  readonly pollerGroup: string | undefined
  readonly mappingLogLevel: string | undefined
}

type Kind = ClusterSettings['kind']

/** How functions can sign in to Kafka outside MSK. The mapping and the grants know the others too. */
const SIGN_INS: readonly SelfManagedSettings['auth'][] = ['none']

/** These mean something for some clusters only; elsewhere they would be dropped in silence. */
const onlyFor: Partial<Record<SettingName, readonly Kind[]>> = {
  kafkaVersion: ['express', 'standard'],
  instanceType: ['express', 'standard'],
  brokers: ['express', 'standard'],
  volumeGb: ['standard'],
  bootstrapServers: ['self-managed'],
  auth: ['self-managed'],
  secretArn: ['self-managed'],
  secretKeyArn: ['self-managed'],
}

/**
 * Settings from CDK context: `cdk synth -c cluster=serverless -c topics=exist`.
 *
 * @throws MillraceError `OPTION_UNKNOWN`, `OPTION_INVALID`: unknown, malformed, missing, or without meaning here.
 */
export function settingsFrom(context: Readonly<Record<string, unknown>>): Settings {
  const given = settingsIn(context)
  const region = given.region ?? 'us-east-1'
  const settings: Settings = {
    name: given.name ?? DEFAULT_STACK,
    region,
    availabilityZones: split(given.availabilityZones) ?? ['a', 'b', 'c'].map((zone) => region + zone),
    cluster: clusterFrom(given),
    network: networkFrom(given),
    createTopics: given.topics !== 'exist',
    logRetentionDays: Number(given.logRetentionDays ?? 30),
    alarmTopicArn: given.alarmTopicArn,
    pollerGroup: given.pollerGroup,
    mappingLogLevel: given.mappingLogLevel,
  }
  checkMeaning(given, settings.cluster.kind)
  checkCluster(settings)
  return settings
}

function clusterFrom(given: Given): ClusterSettings {
  const kind = given.cluster?.startsWith('arn:') ? 'existing' : ((given.cluster ?? 'express') as Kind)
  if (kind === 'serverless') return { kind }
  if (kind === 'existing') return { kind, arn: given.cluster! }
  if (kind === 'self-managed') return selfManagedFrom(given)
  return {
    kind,
    // KRaft from the start: a cluster cannot change over, and 3.9 is the last version with ZooKeeper.
    // https://docs.aws.amazon.com/msk/latest/developerguide/kraft-intro.html
    kafkaVersion: given.kafkaVersion ?? '3.9.x.kraft',
    instanceType: given.instanceType ?? (kind === 'express' ? 'express.m7g.large' : 'kafka.m7g.large'),
    brokers: Number(given.brokers ?? 3),
    volumeGb: kind === 'standard' ? Number(given.volumeGb ?? 100) : undefined,
  }
}

function selfManagedFrom(given: Given): SelfManagedSettings {
  const auth = (given.auth ?? 'none') as SelfManagedSettings['auth']
  if (!SIGN_INS.includes(auth)) refuse('auth', auth, `${SIGN_INS.join(' or ')}: functions cannot sign in otherwise yet`)
  if (auth === 'none' && given.secretArn) refuse('secretArn', given.secretArn, 'left out with auth=none')
  if (auth !== 'none' && !given.secretArn) refuse('secretArn', undefined, `a secret's ARN with auth=${auth}`)
  const bootstrapServers = split(given.bootstrapServers) ?? refuse('bootstrapServers', undefined)
  return { kind: 'self-managed', bootstrapServers, auth, secretArn: given.secretArn, secretKeyArn: given.secretKeyArn }
}

function networkFrom({ subnetIds, securityGroupId }: Given): ExistingNetwork | undefined {
  if (!subnetIds && !securityGroupId) return undefined
  if (!subnetIds) return refuse('subnetIds', undefined, 'given with securityGroupId')
  if (!securityGroupId) return refuse('securityGroupId', undefined, 'given with subnetIds')
  return { subnetIds: split(subnetIds)!, securityGroupId }
}

function checkMeaning(given: Given, kind: Kind): void {
  for (const name of Object.keys(onlyFor) as (keyof typeof onlyFor)[]) {
    const kinds = onlyFor[name]!
    if (given[name] !== undefined && !kinds.includes(kind))
      refuse(name, given[name], `left out: it is for cluster=${kinds.join(' and cluster=')}`)
  }
}

function checkCluster({ cluster, network, region, availabilityZones }: Settings): void {
  const { kind } = cluster
  if ((kind === 'existing' || kind === 'self-managed') && !network)
    refuse('subnetIds', undefined, `given with securityGroupId: the cluster's own network`)
  if (kind === 'existing' && cluster.arn.split(':')[3] !== region)
    refuse('region', region, `the cluster's Region, ${cluster.arn.split(':')[3]}`)
  if (kind !== 'express' && kind !== 'standard') return
  const zones = network?.subnetIds.length ?? availabilityZones.length
  const zonesFrom = network ? 'subnetIds' : 'availabilityZones'
  if (zones !== 3) refuse(zonesFrom, zones, `three for cluster=${kind}`)
  if (cluster.brokers % zones !== 0) refuse('brokers', cluster.brokers, `a multiple of the ${zones} zones`)
  const family = kind === 'express' ? 'express.' : 'kafka.'
  if (!cluster.instanceType.startsWith(family)) refuse('instanceType', cluster.instanceType, `one of ${family}*`)
}

const split = (text: string | undefined): readonly string[] | undefined => text?.split(',')
