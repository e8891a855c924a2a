import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { BootstrapBrokers } from './brokers.ts'
import { kafkaArns, provisionedCluster, serverlessCluster } from './cluster.ts'
import { logGroup } from './encryption.ts'
import type { Arns } from './grants.ts'
import type { MappingSource } from './mapping.ts'
import type { Network } from './network.ts'
import type { SelfManagedSettings, Settings } from './settings.ts'

interface Options {
  readonly settings: Settings
  readonly network: Network
  readonly key: Key
  /** The bundle that looks up bootstrap brokers. */
  readonly code: Code
}

/** The Kafka of a deployment: made here, made elsewhere in MSK, or run by somebody else. */
export class Kafka extends Construct {
  /** undefined outside MSK. */
  readonly clusterArn: string | undefined
  readonly source: MappingSource
  readonly arns: Pick<Arns, 'kafka' | 'secret'>
  /** How functions find it: `MILLRACE_BROKERS`, `MILLRACE_AUTH`, and `MILLRACE_SECRET_ARN` where there is one. */
  readonly environment: Readonly<Record<string, string>>

  constructor(scope: Construct, id: string, options: Options) {
    super(scope, id)
    const { cluster } = options.settings
    this.clusterArn = cluster.kind === 'existing' ? cluster.arn : newCluster(this, options)
    if (cluster.kind === 'self-managed') {
      this.source = selfManagedSource(cluster, options.network)
      this.arns = { kafka: undefined, secret: secretOf(cluster) }
      this.environment = selfManagedEnvironment(cluster)
    } else {
      const clusterArn = this.clusterArn!
      this.source = { kind: 'msk', clusterArn }
      this.arns = { kafka: kafkaArns(clusterArn), secret: undefined }
      this.environment = { MILLRACE_BROKERS: lookUpBrokers(this, clusterArn, options), MILLRACE_AUTH: 'iam' }
    }
  }
}

function newCluster(scope: Construct, { settings, network, key }: Options): string | undefined {
  const { cluster, name, logRetentionDays: days } = settings
  if (cluster.kind === 'serverless') return serverlessCluster(scope, { name, network })
  if (cluster.kind !== 'express' && cluster.kind !== 'standard') return undefined
  // Names under this prefix save the account a log policy per group:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
  const logs = logGroup(scope, 'Logs', { name: `/aws/vendedlogs/${name}/brokers`, key, days })
  return provisionedCluster(scope, { ...cluster, name, network, keyArn: key.keyArn, brokerLogs: logs.logGroupName })
}

function lookUpBrokers(scope: Construct, clusterArn: string, { settings, key, code }: Options): string {
  const name = `/millrace/${settings.name}/bootstrap-brokers`
  const logs = logGroup(scope, 'LookupLogs', { name, key, days: settings.logRetentionDays })
  return new BootstrapBrokers(scope, 'Brokers', { clusterArn, code, logGroup: logs }).addresses
}

const selfManagedSource = (cluster: SelfManagedSettings, network: Network): MappingSource => ({
  kind: 'self-managed',
  cluster,
  subnetIds: network.subnetIds,
  securityGroupId: network.brokersGroupId,
})

const secretOf = ({ secretArn, secretKeyArn }: SelfManagedSettings): Arns['secret'] =>
  secretArn === undefined ? undefined : { arn: secretArn, key: secretKeyArn }

const selfManagedEnvironment = (cluster: SelfManagedSettings): Record<string, string> => ({
  MILLRACE_BROKERS: cluster.bootstrapServers.join(','),
  MILLRACE_AUTH: cluster.auth,
  ...(cluster.secretArn && { MILLRACE_SECRET_ARN: cluster.secretArn }),
})
