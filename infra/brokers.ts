import { CustomResource, Duration } from 'aws-cdk-lib'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, type Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { HANDLER } from './bundle.ts'

/** Looks up the bootstrap brokers of an MSK cluster, for IAM authentication, when the stack is deployed. */
export class BootstrapBrokers extends Construct {
  /** `host:port,host:port`. */
  readonly addresses: string

  constructor(scope: Construct, id: string, options: { clusterArn: string; code: Code; logGroup: ILogGroup }) {
    super(scope, id)
    const lookup = new LambdaFunction(this, 'Function', {
      description: 'Millrace: bootstrap brokers for the template',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: options.code,
      handler: HANDLER,
      memorySize: 256,
      timeout: Duration.seconds(60),
      role: lookupRole(this, options.logGroup),
      logGroup: options.logGroup,
      loggingFormat: LoggingFormat.JSON,
    })
    const answer = new CustomResource(this, 'Answer', {
      resourceType: 'Custom::BootstrapBrokers',
      serviceToken: lookup.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: { ClusterArn: options.clusterArn },
    })
    this.addresses = answer.getAttString('Brokers')
  }
}

const lookupRole = (scope: Construct, logs: ILogGroup): Role =>
  new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      Grants: new PolicyDocument({
        statements: [
          new PolicyStatement({ actions: ['kafka:GetBootstrapBrokers'], resources: ['*'] }),
          new PolicyStatement({
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [logs.logGroupArn],
          }),
        ],
      }),
    },
  })
