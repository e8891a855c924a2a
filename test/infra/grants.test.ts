import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Arns, type Grant, grantsOf } from '../../infra/grants.ts'
import { limits, refunds, spend, stage, topics, visits, visitsRekey } from './fixture.ts'
import { may, type Request } from './may.ts'

/** Words instead of ARNs. */
const arns: Arns = {
  kafka: { cluster: 'cluster', topic: (name) => `topic/${name}`, group: (name) => `group/${name}` },
  journal: 'journal',
  table: (name) => `table/${name}`,
  logs: 'logs',
  key: 'key',
  keyVia: 'dynamodb',
  secret: undefined,
}

const line = ({ effect, actions, resources, conditions }: Grant): string => {
  const [service] = actions[0]!.split(':')
  const names = actions.map((action) => action.replace(`${service}:`, '')).join(' ')
  const when = conditions === undefined ? '' : ` when ${JSON.stringify(conditions).replaceAll('"', '')}`
  return `${effect === 'Deny' ? 'DENY ' : ''}${service} | ${names} | ${resources.join(' ')}${when}`
}

const table = (grants: readonly Grant[]): string => `\n${grants.map((grant) => `  ${line(grant)}`).join('\n')}\n`

const interfaces =
  'AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs UnassignPrivateIpAddresses'

/** What every stage has. */
const common = `  logs | CreateLogStream PutLogEvents | logs
  ec2 | ${interfaces} | *
  DENY ec2 | ${interfaces} | * when {Null:{lambda:SourceFunctionArn:false}}
`

const broker = `  kafka | DescribeCluster DescribeClusterV2 | cluster
  kafka | GetBootstrapBrokers | *`

const admin = `  DENY kafka-cluster | AlterTopic AlterTopicDynamicConfiguration CreateTopic DeleteTopic | topic/*
  DENY kafka-cluster | DeleteGroup | group/*`

const key =
  '  kms | Decrypt DescribeKey Encrypt GenerateDataKey ReEncryptFrom ReEncryptTo | key when {StringEquals:{kms:ViaService:dynamodb}}'

const journal = (prefix: string) =>
  `  dynamodb | BatchGetItem PutItem | journal when {ForAllValues:StringLike:{dynamodb:LeadingKeys:[${prefix}*]},Null:{dynamodb:LeadingKeys:false}}`

describe('the role of', () => {
  test('a stateless stage knows no DynamoDB', () => {
    expect(table(grantsOf(refunds, arns))).toBe(`
  kafka-cluster | Connect DescribeClusterDynamicConfiguration WriteDataIdempotently | cluster
  kafka-cluster | DescribeTopic ReadData | topic/payments
  kafka-cluster | DescribeGroup AlterGroup | group/millrace.refunds.1.main
  kafka-cluster | DescribeTopic WriteData | topic/refunds-only topic/millrace-parked
${broker}
  DENY kafka-cluster | WriteData | topic/payments
${admin}
${common}`)
  })

  test('a stateful stage reads and writes its own keys of the journal', () => {
    expect(table(grantsOf(spend, arns))).toBe(`
  kafka-cluster | Connect DescribeClusterDynamicConfiguration WriteDataIdempotently | cluster
  kafka-cluster | DescribeTopic ReadData | topic/payments
  kafka-cluster | DescribeGroup AlterGroup | group/millrace.spend.1.main
  kafka-cluster | DescribeTopic WriteData | topic/spend-per-card topic/millrace-parked
${broker}
  DENY kafka-cluster | WriteData | topic/payments
${admin}
${journal('spend.1.')}
${key}
${common}`)
  })

  test('a stage with a table puts rows into that table', () => {
    expect(table(grantsOf(limits, arns))).toBe(`
  kafka-cluster | Connect DescribeClusterDynamicConfiguration WriteDataIdempotently | cluster
  kafka-cluster | DescribeTopic ReadData | topic/payments
  kafka-cluster | DescribeGroup AlterGroup | group/millrace.limits.1.main
  kafka-cluster | DescribeTopic WriteData | topic/millrace-parked
${broker}
  DENY kafka-cluster | WriteData | topic/payments
${admin}
${journal('limits.1.')}
  dynamodb | PutItem | table/card-limits
${key}
${common}`)
  })

  test('a re-keying stage writes the internal topic', () => {
    expect(table(grantsOf(visitsRekey, arns))).toBe(`
  kafka-cluster | Connect DescribeClusterDynamicConfiguration WriteDataIdempotently | cluster
  kafka-cluster | DescribeTopic ReadData | topic/clicks
  kafka-cluster | DescribeGroup AlterGroup | group/millrace.visits.1.rekey
  kafka-cluster | DescribeTopic WriteData | topic/millrace.visits.1.rekey topic/millrace-parked
${broker}
  DENY kafka-cluster | WriteData | topic/clicks
${admin}
${common}`)
  })

  test('a re-keyed stage also sees how far the stage before it has come', () => {
    expect(table(grantsOf(visits, arns))).toBe(`
  kafka-cluster | Connect DescribeClusterDynamicConfiguration WriteDataIdempotently | cluster
  kafka-cluster | DescribeTopic ReadData | topic/millrace.visits.1.rekey
  kafka-cluster | DescribeGroup AlterGroup | group/millrace.visits.1.main
  kafka-cluster | DescribeTopic WriteData | topic/visits-per-page topic/millrace-parked
  kafka-cluster | DescribeTopic ReadData | topic/clicks
  kafka-cluster | DescribeGroup | group/millrace.visits.1.rekey
${broker}
  DENY kafka-cluster | WriteData | topic/millrace.visits.1.rekey
${admin}
${journal('visits.1.')}
${key}
${common}`)
  })

  test('a stage behind several sources sees it of each of the stages before it', () => {
    const upstream = [visitsRekey, stage('visits', { name: 'rekey-payment', source: topics.payments, stateful: false })]
    const grants = table(grantsOf({ ...visits, upstream }, arns))
    expect(grants).toContain(`
  kafka-cluster | DescribeTopic ReadData | topic/clicks topic/payments
  kafka-cluster | DescribeGroup | group/millrace.visits.1.rekey group/millrace.visits.1.rekey-payment
`)
  })

  test('a stage on Kafka outside MSK reads its credentials instead', () => {
    const secret = { arn: 'secret', key: 'secret-key' }
    expect(table(grantsOf(refunds, { ...arns, kafka: undefined, secret }))).toBe(`
  secretsmanager | GetSecretValue | secret
  kms | Decrypt | secret-key
${common}`)
  })
})

describe('what is granted on DynamoDB is what the code sends', () => {
  /** Commands in a file; tables are created by the template, or on a laptop. */
  const sentBy = (file: string): string[] => {
    const source = readFileSync(join(import.meta.dirname, '../../shared', file), 'utf8')
    const names = [...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => `dynamodb:${name}`)
    return [...new Set(names)].filter((name) => name !== 'dynamodb:CreateTable').sort()
  }
  const tuned = { ...limits, readsTables: [{ name: 'limits-settings', physicalName: 'limits-settings' }] }
  const grantedOn = (resource: string): string[] =>
    grantsOf(tuned, arns).flatMap(({ actions, resources }) => (resources.includes(resource) ? [...actions].sort() : []))

  test.each([
    ['journal', 'journal/dynamodb.ts'],
    ['table/card-limits', 'sinks/dynamodb.ts'],
    ['table/limits-settings', 'sinks/dynamodb-reader.ts'],
  ])('on %s by %s', (resource, file) => {
    expect(grantedOn(resource)).toEqual(sentBy(file))
  })
})

describe('the role of spend', () => {
  const journalOf = (key: string): Partial<Request> => ({
    resource: 'journal',
    context: { 'dynamodb:LeadingKeys': [key] },
  })
  const code = { context: { 'lambda:SourceFunctionArn': 'spend' } }
  const viaDynamoDb = { context: { 'kms:ViaService': 'dynamodb' } }

  test.each<[action: string, on: string | Partial<Request>]>([
    ['kafka-cluster:ReadData', 'topic/payments'],
    ['kafka-cluster:WriteData', 'topic/spend-per-card'],
    ['kafka-cluster:WriteData', 'topic/millrace-parked'],
    ['kafka-cluster:WriteDataIdempotently', 'cluster'],
    ['kafka-cluster:AlterGroup', 'group/millrace.spend.1.main'],
    ['kafka:GetBootstrapBrokers', '*'],
    ['dynamodb:PutItem', journalOf('spend.1.0.commit.7')],
    ['dynamodb:BatchGetItem', journalOf('spend.1.11.bucket.3')],
    ['kms:Decrypt', { resource: 'key', ...viaDynamoDb }],
    ['ec2:CreateNetworkInterface', '*'],
  ])('allows %s on %o', (action, on) => {
    expect(may(grantsOf(spend, arns), request(action, on))).toBe(true)
  })

  test.each<[action: string, on: string | Partial<Request>]>([
    ['kafka-cluster:WriteData', 'topic/payments'],
    ['kafka-cluster:WriteData', 'topic/refunds-only'],
    ['kafka-cluster:ReadData', 'topic/clicks'],
    ['kafka-cluster:ReadData', 'topic/spend-per-card'],
    ['kafka-cluster:AlterGroup', 'group/millrace.limits.1.main'],
    ['kafka-cluster:AlterGroup', 'group/millrace.spend.2.main'],
    ['kafka-cluster:DeleteGroup', 'group/millrace.spend.1.main'],
    ['kafka-cluster:CreateTopic', 'topic/anything'],
    ['kafka-cluster:DeleteTopic', 'topic/spend-per-card'],
    ['kafka-cluster:AlterTopicDynamicConfiguration', 'topic/payments'],
    ['kafka-cluster:AlterCluster', 'cluster'],
    ['dynamodb:PutItem', journalOf('limits.1.0.commit.7')],
    ['dynamodb:PutItem', journalOf('spend.10.0.commit.7')],
    ['dynamodb:PutItem', { resource: 'journal' }],
    ['dynamodb:DeleteItem', journalOf('spend.1.0.commit.7')],
    ['dynamodb:Scan', 'journal'],
    ['dynamodb:PutItem', 'table/card-limits'],
    ['kms:Decrypt', 'key'],
    ['logs:CreateLogGroup', 'logs'],
    ['ec2:CreateNetworkInterface', { resource: '*', ...code }],
    ['lambda:InvokeFunction', 'function/limits'],
    ['iam:PassRole', '*'],
  ])('does not allow %s on %o', (action, on) => {
    expect(may(grantsOf(spend, arns), request(action, on))).toBe(false)
  })

  const request = (action: string, on: string | Partial<Request>): Request => ({
    action,
    resource: '',
    ...(typeof on === 'string' ? { resource: on } : on),
  })
})
