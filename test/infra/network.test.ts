import { describe, expect, test } from 'vitest'
import { network as given } from './contexts.ts'
import { deployment, planOf, spend } from './fixture.ts'
import { resolve } from './resolve.ts'
import { ofType, synth, type Template } from './synth.ts'

/** `from -> to : port` of each rule, with the groups' names. */
function rules(template: Template): string[] {
  const group = (of: unknown) => /Network(\w+?)[0-9A-F]{8}/.exec(JSON.stringify(of))?.[1] ?? 'anywhere'
  const ingress = ofType(template, 'AWS::EC2::SecurityGroupIngress').map(
    ({ Properties: p }) => `${group(p.SourceSecurityGroupId)} into ${group(p.GroupId)}: ${p.FromPort}`,
  )
  const egress = ofType(template, 'AWS::EC2::SecurityGroupEgress').map(
    ({ Properties: p }) => `out of ${group(p.GroupId)} to ${group(p.DestinationSecurityGroupId)}: ${p.FromPort}`,
  )
  // A group that lets nothing out has a rule for a port that nobody uses.
  return [...ingress, ...egress].filter((rule) => !rule.endsWith(': 252')).sort()
}

describe('the network', () => {
  const template = synth()

  test('has one isolated subnet in each of three zones, and no way to the internet', () => {
    const zones = ofType(template, 'AWS::EC2::Subnet').map(({ Properties }) => Properties.AvailabilityZone)
    expect(zones).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c'])
    expect(ofType(template, 'AWS::EC2::InternetGateway')).toEqual([])
    expect(ofType(template, 'AWS::EC2::NatGateway')).toEqual([])
    expect(ofType(template, 'AWS::EC2::Route')).toEqual([])
  })

  test('lets pollers and functions to the brokers, pollers to Lambda and STS, functions to DynamoDB', () => {
    expect(rules(template)).toEqual([
      'Brokers into Brokers: 9098',
      'Brokers into Endpoints: 443',
      'Functions into Brokers: 9098',
      'out of Brokers to Brokers: 9098',
      'out of Brokers to Endpoints: 443',
      'out of Functions to Brokers: 9098',
      'out of Functions to anywhere: 443',
    ])
  })

  test('has endpoints of which Lambda alone may make use', () => {
    const endpoints = ofType(template, 'AWS::EC2::VPCEndpoint').map(({ Properties: p }) => ({
      service: String(resolve(template, p.ServiceName!)).split('.').at(-1),
      type: p.VpcEndpointType,
      allows: JSON.stringify(p.PolicyDocument)
        ?.match(/"Action":"([^"]+)".*"Service":"([^"]+)"/)
        ?.slice(1),
    }))
    expect(endpoints).toEqual([
      { service: 'dynamodb', type: 'Gateway', allows: undefined },
      { service: 'lambda', type: 'Interface', allows: ['lambda:InvokeFunction', 'lambda.amazonaws.com'] },
      { service: 'sts', type: 'Interface', allows: ['sts:AssumeRole', 'lambda.amazonaws.com'] },
    ])
  })

  test('keeps rejected flows', () => {
    expect(ofType(template, 'AWS::EC2::FlowLog')[0]?.Properties.TrafficType).toBe('REJECT')
  })

  test('saves the endpoints when all pollers are provisioned: those need none', () => {
    const stage = { ...spend, deployment: { ...deployment, pollers: { min: 1, max: 2 } } }
    const endpoints = ofType(synth({ plan: planOf(stage) }), 'AWS::EC2::VPCEndpoint')
    expect(endpoints.map(({ Properties }) => Properties.VpcEndpointType)).toEqual(['Gateway'])
  })
})

describe('a network that exists', () => {
  const template = synth({ context: given })

  test('is used as it is', () => {
    for (const type of ['VPC', 'Subnet', 'SecurityGroup', 'VPCEndpoint', 'FlowLog'])
      expect(ofType(template, `AWS::EC2::${type}`)).toEqual([])
    const [fn] = ofType(template, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.VpcConfig)
    expect(fn?.Properties.VpcConfig).toEqual({
      SubnetIds: given.subnetIds.split(','),
      SecurityGroupIds: [given.securityGroupId],
    })
  })
})
