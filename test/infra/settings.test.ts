import { describe, expect, test } from 'vitest'
import { settingsFrom } from '../../infra/settings.ts'
import { existing, selfManaged } from './contexts.ts'

describe('settings', () => {
  test('need nothing to be given', () => {
    expect(settingsFrom({})).toEqual({
      name: 'millrace',
      region: 'us-east-1',
      availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
      cluster: {
        kind: 'express',
        kafkaVersion: '3.9.x.kraft',
        instanceType: 'express.m7g.large',
        brokers: 3,
        volumeGb: undefined,
      },
      network: undefined,
      createTopics: true,
      logRetentionDays: 30,
      alarmTopicArn: undefined,
      pollerGroup: undefined,
      mappingLogLevel: undefined,
    })
  })

  test('follow the Region', () => {
    const { availabilityZones } = settingsFrom({ region: 'eu-west-1' })
    expect(availabilityZones).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c'])
  })

  test('leave context of CDK itself alone', () => {
    const cdks = { '@aws-cdk/core:x': true, 'aws:cdk:bundling-stacks': [], 'acknowledged-issue-numbers': [1] }
    expect(settingsFrom(cdks).name).toBe('millrace')
  })

  test('take a cluster that exists, with its network', () => {
    const { cluster, network } = settingsFrom(existing)
    expect(cluster).toEqual({ kind: 'existing', arn: existing.cluster })
    expect(network?.subnetIds).toHaveLength(3)
  })

  test('take Kafka outside MSK', () => {
    expect(settingsFrom(selfManaged).cluster).toEqual({
      kind: 'self-managed',
      bootstrapServers: ['k1:9092', 'k2:9092'],
      auth: 'none',
      secretArn: undefined,
      secretKeyArn: undefined,
    })
  })
})

describe('refused is', () => {
  const secretArn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:kafka-AbCdEf'
  const { bootstrapServers, ...withoutServers } = selfManaged
  const onlyCluster = { cluster: existing.cluster }
  test.each([
    ['a name that is not a setting', { clutser: 'express' }, /no option "clutser".*cluster, kafkaVersion/],
    ['another kind of cluster', { cluster: 'kinesis' }, /cluster is "kinesis".*express, standard, serverless/],
    ['an ARN of something else', { cluster: 'arn:aws:sqs:us-east-1:111122223333:queue' }, /the ARN of an MSK cluster/],
    ['a Kafka that the topic resource does not know', { kafkaVersion: '2.8.1' }, /from 3\.8/],
    ['two zones', { availabilityZones: 'us-east-1a,us-east-1b' }, /availabilityZones is 2.*three for cluster=express/],
    ['two zones for Standard', { cluster: 'standard', availabilityZones: 'a-1a,a-1b' }, /three for cluster=standard/],
    ['brokers that do not fit the zones', { brokers: '4' }, /brokers is 4.*a multiple of the 3 zones/],
    ['a Standard instance for Express', { instanceType: 'kafka.m7g.large' }, /one of express\./],
    ['an Express instance for Standard', { cluster: 'standard', instanceType: 'express.m7g.large' }, /one of kafka\./],
    ['a disk for Express', { volumeGb: '100' }, /volumeGb.*left out: it is for cluster=standard/],
    ['brokers for Serverless', { cluster: 'serverless', brokers: '3' }, /left out/],
    ['servers for MSK', { bootstrapServers: 'k1:9096' }, /left out: it is for cluster=self-managed/],
    ['a cluster without its network', onlyCluster, /subnetIds.*the cluster's own network/],
    ['half a network', { ...existing, securityGroupId: undefined }, /securityGroupId/],
    ['a cluster of another Region', { ...existing, region: 'eu-west-1' }, /the cluster's Region, us-east-1/],
    ['Kafka without addresses', withoutServers, /bootstrapServers is undefined.*joined by commas/],
    [
      'a sign-in that functions do not know',
      { ...selfManaged, auth: 'scram-sha-512' },
      /auth is "scram-sha-512".*cannot sign in/,
    ],
    ['credentials that nobody asks for', { ...selfManaged, secretArn }, /left out with auth=none/],
    ['a retention that CloudWatch does not know', { logRetentionDays: 31 }, /logRetentionDays is 31/],
    ['something else to notify', { alarmTopicArn: 'me@example.com' }, /the ARN of an SNS topic/],
  ])('%s', (_, context, message) => {
    const given = Object.entries(context).filter(([, value]) => value !== undefined)
    expect(() => settingsFrom(Object.fromEntries(given))).toThrow(message)
  })
})
