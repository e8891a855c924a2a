import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  type IInterfaceVpcEndpointService,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { ExistingNetwork } from './settings.ts'

/** Where brokers, pollers and functions meet. */
export interface Network {
  readonly subnetIds: readonly string[]
  /** Security group of brokers, and of the mapping's pollers, which borrow it. */
  readonly brokersGroupId: string
  readonly functionsGroupId: string
}

/** The port of IAM authentication: https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html */
const KAFKA = Port.tcp(9098)
const HTTPS = Port.tcp(443)

/** A network that was made elsewhere, with whatever routes and endpoints it has. */
export const existingNetwork = ({ subnetIds, securityGroupId }: ExistingNetwork): Network => ({
  subnetIds,
  brokersGroupId: securityGroupId,
  functionsGroupId: securityGroupId,
})

/**
 * Isolated subnets, one a zone, without a way out to the internet: functions reach the brokers and DynamoDB, nothing
 * else. On-demand pollers also call Lambda and STS, through endpoints that let Lambda do just that.
 */
export function ownNetwork(
  scope: Construct,
  options: { zones: readonly string[]; pollersOnDemand: boolean; flowLogs: ILogGroup },
): Network {
  // The cast: CDK's classes and interfaces disagree on optional properties.
  const vpc = new Vpc(scope, 'Vpc', {
    availabilityZones: [...options.zones],
    natGateways: 0,
    subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
    gatewayEndpoints: { DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
  }) as IVpc
  vpc.addFlowLog('Rejected', {
    destination: FlowLogDestination.toCloudWatchLogs(options.flowLogs),
    trafficType: FlowLogTrafficType.REJECT,
  })
  const brokers = group(scope, 'Brokers', vpc, 'Brokers and the pollers of event source mappings')
  const functions = group(scope, 'Functions', vpc, 'Stream processors')
  letIn(brokers, brokers, 'pollers to brokers')
  letIn(brokers, functions, 'functions to brokers')
  // DynamoDB's addresses are a prefix list whose id differs by Region; the only route on this port leads to it.
  functions.addEgressRule(Peer.anyIpv4(), HTTPS, 'DynamoDB')
  if (options.pollersOnDemand) addPollerEndpoints(scope, vpc, brokers)
  return {
    subnetIds: vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
    brokersGroupId: brokers.securityGroupId,
    functionsGroupId: functions.securityGroupId,
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/with-msk-cluster-network.html
function addPollerEndpoints(scope: Construct, vpc: IVpc, pollers: ISecurityGroup): void {
  const endpoints = group(scope, 'Endpoints', vpc, 'Endpoints of Lambda and STS')
  endpoints.addIngressRule(pollers, HTTPS, 'pollers')
  pollers.addEgressRule(endpoints, HTTPS, 'Lambda and STS')
  const add = (id: string, service: IInterfaceVpcEndpointService, action: string) =>
    vpc.addInterfaceEndpoint(id, { service, securityGroups: [endpoints], open: false }).addToPolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('lambda.amazonaws.com')],
        actions: [action],
        resources: ['*'],
      }),
    )
  add('Lambda', InterfaceVpcEndpointAwsService.LAMBDA, 'lambda:InvokeFunction')
  add('Sts', InterfaceVpcEndpointAwsService.STS, 'sts:AssumeRole')
}

function letIn(to: ISecurityGroup, from: ISecurityGroup, what: string): void {
  to.addIngressRule(from, KAFKA, what)
  from.addEgressRule(to, KAFKA, what)
}

const group = (scope: Construct, id: string, vpc: IVpc, description: string): SecurityGroup =>
  new SecurityGroup(scope, id, { vpc, description, allowAllOutbound: false, disableInlineRules: true })
