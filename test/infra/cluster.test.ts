import { describe, expect, test } from 'vitest'
import { existing, selfManaged } from './contexts.ts'
import { resolve } from './resolve.ts'
import { ofType, only, synth } from './synth.ts'

describe.each(['express', 'standard'])('a cluster of %s brokers', (kind) => {
  const template = synth({ context: { cluster: kind } })
  const { Properties: cluster, DeletionPolicy } = only(template, 'AWS::MSK::Cluster')
  const nodes = cluster.BrokerNodeGroupInfo as Record<string, never>

  test('lets clients in by IAM over TLS and by nothing else', () => {
    expect(cluster.ClientAuthentication).toEqual({
      Sasl: { Iam: { Enabled: true } },
      Unauthenticated: { Enabled: false },
    })
    expect(nodes.ConnectivityInfo).toEqual({ PublicAccess: { Type: 'DISABLED' } })
    expect(cluster.EncryptionInfo).toMatchObject({ EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } })
  })

  test('is encrypted with our key, logs, and is kept', () => {
    expect(JSON.stringify(cluster.EncryptionInfo)).toContain('DataVolumeKMSKeyId')
    expect(cluster.LoggingInfo).toMatchObject({ BrokerLogs: { CloudWatchLogs: { Enabled: true } } })
    expect(DeletionPolicy).toBe('RetainExceptOnCreate')
  })

  test('stands in three zones, brokers evenly', () => {
    expect(nodes.ClientSubnets).toHaveLength(3)
    expect(Number(cluster.NumberOfBrokerNodes) % 3).toBe(0)
  })
})

describe('the disk and the configuration', () => {
  test('of Standard brokers are ours', () => {
    const template = synth({ context: { cluster: 'standard', volumeGb: '250' } })
    const { Properties: cluster } = only(template, 'AWS::MSK::Cluster')
    expect(cluster.BrokerNodeGroupInfo).toMatchObject({ StorageInfo: { EBSStorageInfo: { VolumeSize: 250 } } })
    expect(only(template, 'AWS::MSK::Configuration').Properties.ServerProperties).toBe(
      'auto.create.topics.enable=false\ndefault.replication.factor=3\nmin.insync.replicas=2\nunclean.leader.election.enable=false',
    )
  })

  test('of Express brokers are not', () => {
    const template = synth()
    expect(JSON.stringify(only(template, 'AWS::MSK::Cluster').Properties)).not.toContain('StorageInfo')
    expect(ofType(template, 'AWS::MSK::Configuration')).toEqual([])
  })
})

describe('MSK Serverless', () => {
  test('lets clients in by IAM', () => {
    const template = synth({ context: { cluster: 'serverless', topics: 'exist' } })
    const { Properties: cluster } = only(template, 'AWS::MSK::ServerlessCluster')
    expect(cluster.ClientAuthentication).toEqual({ Sasl: { Iam: { Enabled: true } } })
    expect(cluster.VpcConfigs).toMatchObject([{ SubnetIds: { length: 3 } }])
  })
})

describe('a cluster that exists', () => {
  const template = synth({ context: existing })

  test('is read by its ARN', () => {
    expect(ofType(template, 'AWS::MSK::Cluster')).toEqual([])
    for (const { Properties } of ofType(template, 'AWS::Lambda::EventSourceMapping'))
      expect(Properties.EventSourceArn).toBe(existing.cluster)
  })

  test('gives its topics and groups their ARNs', () => {
    const roles = JSON.stringify(
      resolve(
        template,
        ofType(template, 'AWS::IAM::Role').map((r) => r.Properties),
      ),
    )
    expect(roles).toContain('arn:aws:kafka:us-east-1:111122223333:topic/demo/0f1e-2d3c-4b5a-1/payments')
    expect(roles).toContain('arn:aws:kafka:us-east-1:111122223333:group/demo/0f1e-2d3c-4b5a-1/millrace.spend.1.main')
  })
})

describe('Kafka outside MSK', () => {
  const template = synth({ context: { ...selfManaged, topics: 'exist' } })

  test('is reached through the network given', () => {
    const [mapping] = ofType(template, 'AWS::Lambda::EventSourceMapping')
    expect(mapping?.Properties).toMatchObject({
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['k1:9092', 'k2:9092'] } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'millrace.refunds.1.main' },
      SourceAccessConfigurations: [
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0123456789abcdef0' },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0123456789abcdef1' },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0123456789abcdef2' },
        { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-0123456789abcdef0' },
      ],
    })
    expect(mapping?.Properties).not.toHaveProperty('EventSourceArn')
  })

  test('tells functions where it is', () => {
    const [fn] = ofType(template, 'AWS::Lambda::Function')
    expect(fn?.Properties.Environment).toEqual({
      Variables: {
        MILLRACE_STAGE: 'refunds',
        MILLRACE_BROKERS: 'k1:9092,k2:9092',
        MILLRACE_AUTH: 'none',
      },
    })
  })

  test('grants nothing of MSK', () => {
    expect(JSON.stringify(ofType(template, 'AWS::IAM::Role'))).not.toMatch(/"kafka(-cluster)?:/)
  })
})
