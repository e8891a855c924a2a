import { Fn } from 'aws-cdk-lib'
import { CfnCluster, CfnConfiguration, CfnServerlessCluster } from 'aws-cdk-lib/aws-msk'
import type { Construct } from 'constructs'
import { keepData } from './encryption.ts'
import type { KafkaArns } from './grants.ts'
import type { Network } from './network.ts'
import type { ProvisionedSettings } from './settings.ts'

/** What an MSK Provisioned cluster is made with. */
export interface ProvisionedOptions extends ProvisionedSettings {
  readonly name: string
  readonly network: Network
  readonly keyArn: string
  readonly brokerLogs: string
}

/** MSK Provisioned with Express or Standard brokers: IAM and TLS alone, customer key, broker logs. Returns its ARN. */
export function provisionedCluster(scope: Construct, options: ProvisionedOptions): string {
  const cluster = new CfnCluster(scope, 'Cluster', {
    clusterName: options.name,
    kafkaVersion: options.kafkaVersion,
    numberOfBrokerNodes: options.brokers,
    brokerNodeGroupInfo: {
      instanceType: options.instanceType,
      clientSubnets: [...options.network.subnetIds],
      securityGroups: [options.network.brokersGroupId],
      connectivityInfo: { publicAccess: { type: 'DISABLED' } },
      ...(options.volumeGb && { storageInfo: { ebsStorageInfo: { volumeSize: options.volumeGb } } }),
    },
    clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
    encryptionInfo: {
      encryptionAtRest: { dataVolumeKmsKeyId: options.keyArn },
      encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
    },
    loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: options.brokerLogs } } },
    ...(options.kind === 'standard' && { configurationInfo: brokerConfiguration(scope, options) }),
  })
  cluster.applyRemovalPolicy(keepData)
  return cluster.attrArn
}

/** MSK Serverless: IAM, TLS and encryption are all that it has, and it has no logs. Returns its ARN. */
export function serverlessCluster(scope: Construct, options: { name: string; network: Network }): string {
  const cluster = new CfnServerlessCluster(scope, 'Cluster', {
    clusterName: options.name,
    clientAuthentication: { sasl: { iam: { enabled: true } } },
    vpcConfigs: [
      {
        subnetIds: [...options.network.subnetIds],
        securityGroups: [options.network.brokersGroupId],
      },
    ],
  })
  cluster.applyRemovalPolicy(keepData)
  return cluster.attrArn
}

/**
 * ARNs of a cluster's topics and groups: `…:cluster/NAME/UUID` becomes `…:topic/NAME/UUID/TOPIC`.
 * https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
 */
export function kafkaArns(cluster: string): KafkaArns {
  const [before, nameAndUuid] = Fn.split(':cluster/', cluster, 2)
  const under = (type: string, name: string) => `${before}:${type}/${nameAndUuid}/${name}`
  return { cluster, topic: (name) => under('topic', name), group: (name) => under('group', name) }
}

/** Express brokers have these fixed; Standard brokers take them from here. */
const brokerSettings = {
  'auto.create.topics.enable': 'false',
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'unclean.leader.election.enable': 'false',
}

function brokerConfiguration(scope: Construct, options: ProvisionedOptions): CfnCluster.ConfigurationInfoProperty {
  const configuration = new CfnConfiguration(scope, 'BrokerConfiguration', {
    name: options.name,
    // Plain text, whatever the reference says: https://github.com/aws/aws-cdk/issues/34503
    serverProperties: Object.entries(brokerSettings)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  })
  // It cannot be deleted while the cluster uses it, and the cluster stays.
  configuration.applyRemovalPolicy(keepData)
  return { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision }
}
