import { describe, expect, test } from 'vitest'
import { resolve } from './resolve.ts'
import { type Json, ofType, synth, type Template } from './synth.ts'

interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Json>>>>
}

/**
 * What each action works on. An action that is granted on anything else grants nothing, and nobody says so.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const worksOn: Readonly<Record<string, RegExp>> = {
  ...each(
    'kafka-cluster',
    ['Connect', 'DescribeClusterDynamicConfiguration', 'WriteDataIdempotently'],
    /:cluster\/[^/]+\/[^/]+$/,
  ),
  ...each('kafka-cluster', ['DescribeTopic', 'ReadData', 'WriteData'], /:topic\/[^/]+\/[^/]+\/[\w.-]+$/),
  ...each(
    'kafka-cluster',
    ['AlterTopic', 'AlterTopicDynamicConfiguration', 'CreateTopic', 'DeleteTopic'],
    /:topic\/[^/]+\/[^/]+\/\*$/,
  ),
  ...each('kafka-cluster', ['DescribeGroup', 'AlterGroup', 'DeleteGroup'], /:group\/[^/]+\/[^/]+\/[\w.*-]+$/),
  ...each('kafka', ['DescribeCluster', 'DescribeClusterV2'], /:cluster\/[^/]+\/[^/]+$/),
  'kafka:GetBootstrapBrokers': /^\*$/,
  ...each('dynamodb', ['BatchGetItem', 'PutItem'], /^arn:aws:dynamodb:.*:table\/[\w.-]+$/),
  ...each(
    'kms',
    ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'],
    /^arn:aws:kms:.*:key\/\w+$/,
  ),
  ...each('logs', ['CreateLogStream', 'PutLogEvents', 'DescribeLogStreams'], /^arn:aws:logs:.*:log-group:[\w/.-]+:\*$/),
  ...each(
    'ec2',
    ['AssignPrivateIpAddresses', 'CreateNetworkInterface', 'DeleteNetworkInterface', 'UnassignPrivateIpAddresses'],
    /^\*$/,
  ),
  ...each('ec2', ['DescribeNetworkInterfaces', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcs'], /^\*$/),
  'lambda:InvokeFunction': /^arn:aws:lambda:.*:function:\w+$/,
  'iam:PassRole': /^arn:aws:iam::\d+:role\/\w+$/,
}

/** Condition keys are ignored when misspelt: then the condition never holds, or always does. */
const knownKeys: Readonly<Record<string, RegExp>> = {
  'dynamodb:LeadingKeys': /^dynamodb:/,
  'kms:ViaService': /^kms:/,
  'lambda:SourceFunctionArn': /./,
}

describe('every policy of a role', () => {
  const template = synth()
  const statements = inlineAndAttached(template)

  test('is found', () => {
    expect(statements.length).toBeGreaterThan(50)
  })

  test('names actions that exist, on what they work on', () => {
    const wrong = statements.flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) =>
          [Resource].flat().flatMap((on) => (worksOn[action]?.test(on) ? [] : [`${action} on ${on}`])),
        ),
    )
    expect(wrong).toEqual([])
  })

  test('names condition keys that its actions know', () => {
    const wrong = statements.flatMap(({ Action, Condition = {} }) =>
      Object.values(Condition).flatMap((tests) =>
        Object.keys(tests).filter((key) => ![Action].flat().every((action) => knownKeys[key]?.test(action))),
      ),
    )
    expect(wrong).toEqual([])
  })

  test('allows no action by wildcard', () => {
    expect(statements.filter(({ Effect, Action }) => Effect === 'Allow' && `${Action}`.includes('*'))).toEqual([])
  })
})

describe('every role', () => {
  const template = synth()
  const roles = ofType(template, 'AWS::IAM::Role')

  test('has no managed policy', () => {
    expect(roles.filter(({ Properties }) => Properties.ManagedPolicyArns !== undefined)).toEqual([])
    expect(ofType(template, 'AWS::IAM::ManagedPolicy')).toEqual([])
  })

  test('trusts one service of AWS', () => {
    const trusted = roles.map(
      (role) => JSON.stringify(role.Properties.AssumeRolePolicyDocument).match(/"Service":"([^"]+)"/)?.[1],
    )
    expect([...new Set(trusted)].sort()).toEqual([
      'lambda.amazonaws.com',
      'scheduler.amazonaws.com',
      'vpc-flow-logs.amazonaws.com',
    ])
  })

  test('belongs to one function: no two share one', () => {
    const used = ofType(template, 'AWS::Lambda::Function').map(({ Properties }) => JSON.stringify(Properties.Role))
    expect(new Set(used).size).toBe(used.length)
  })
})

function inlineAndAttached(template: Template): Statement[] {
  const inline = ofType(template, 'AWS::IAM::Role').flatMap(({ Properties }) => (Properties.Policies ?? []) as Json[])
  const attached = ofType(template, 'AWS::IAM::Policy').map(({ Properties }) => Properties)
  const documents = resolve(template, [...inline, ...attached]) as unknown as {
    PolicyDocument: { Statement: Statement[] }
  }[]
  return documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
}

function each(service: string, actions: readonly string[], on: RegExp): Record<string, RegExp> {
  return Object.fromEntries(actions.map((action) => [`${service}:${action}`, on]))
}
