import { CfnOutput, Duration, Tags } from 'aws-cdk-lib'
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import {
  ApplicationLogLevel,
  Architecture,
  CfnEventSourceMapping,
  type CfnFunction,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct, type IDependable } from 'constructs'
import type { Stage } from '../shared/processor/plan-types.ts'
import { HANDLER } from './bundle.ts'
import { logGroup } from './encryption.ts'
import { type Arns, type Grant, grantsOf } from './grants.ts'
import { checkStage } from './limits.ts'
import { type MappingSource, mappingOf } from './mapping.ts'
import { stageLogGroup } from './names.ts'
import type { Network } from './network.ts'
import type { Settings } from './settings.ts'

/** What all stages of a deployment have in common. */
export interface Site {
  readonly settings: Settings
  readonly network: Network
  readonly source: MappingSource
  readonly arns: Omit<Arns, 'logs'>
  readonly key: Key
  readonly code: Code
  /** How a function finds its stage, Kafka and the journal. */
  readonly environment: (stage: Stage) => Readonly<Record<string, string>>
  /** What must be there before a stage reads its first record: topics and tables. */
  readonly before: (stage: Stage) => readonly IDependable[]
}

/** One stage of one processor: a function, its role, its log group, and the mapping that feeds it. */
export class ProcessorStage extends Construct {
  readonly stage: Stage
  readonly function: LambdaFunction
  readonly mapping: CfnEventSourceMapping

  /** @throws MillraceError `OPTION_INVALID` for what AWS would refuse or ignore. */
  constructor(scope: Construct, stage: Stage, site: Site) {
    super(scope, stage.id)
    checkStage(stage)
    this.stage = stage
    const { name, logRetentionDays: days } = site.settings
    const logs = logGroup(this, 'Logs', { name: stageLogGroup(name, stage.id), key: site.key, days })
    const role = stageRole(this, grantsOf(stage, { ...site.arns, logs: logs.logGroupArn }))
    this.function = stageFunction(this, stage, site, { role, logs })
    this.mapping = stageMapping(this, stage, site, this.function.functionArn)
    new CfnOutput(this, 'FunctionName', { description: `Function of ${stage.id}`, value: this.function.functionName })
    Tags.of(this).add('millrace:processor', stage.processor)
  }
}

/** All grants stand in the role itself: whatever has the role, the mapping too, finds them in force. */
function stageRole(scope: Construct, grants: readonly Grant[]): Role {
  return new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { Grants: new PolicyDocument({ statements: grants.map(statement) }) },
  })
}

const statement = (grant: Grant): PolicyStatement =>
  new PolicyStatement({
    sid: grant.sid,
    effect: grant.effect === 'Allow' ? Effect.ALLOW : Effect.DENY,
    actions: [...grant.actions],
    resources: [...grant.resources],
    conditions: grant.conditions ?? {},
  })

function stageFunction(
  scope: Construct,
  stage: Stage,
  site: Site,
  { role, logs }: { role: Role; logs: LogGroup },
): LambdaFunction {
  const { deployment } = stage
  const { subnetIds, functionsGroupId } = site.network
  const fn = new LambdaFunction(scope, 'Function', {
    description: `Reads ${stage.source.name}, writes ${written(stage)}`.slice(0, 256),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: site.code,
    handler: HANDLER,
    memorySize: deployment.memoryMb,
    timeout: Duration.millis(deployment.timeoutMs),
    environment: { ...site.environment(stage) },
    role,
    logGroup: logs,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    systemLogLevelV2: SystemLogLevel.WARN,
    // Ticks come asynchronously. A failed one is not repeated: the next minute's does the same work.
    ...(stage.stateful && { retryAttempts: 0, maxEventAge: Duration.minutes(5) }),
  })
  // Ids are all that is known of a network that exists, and CDK's own property wants more.
  const resource = fn.node.defaultChild as CfnFunction
  resource.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [functionsGroupId] }
  return fn
}

function stageMapping(scope: Construct, stage: Stage, site: Site, functionArn: string): CfnEventSourceMapping {
  // The topic is part of the id because CloudFormation reports success and changes nothing when it changes:
  // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2140
  const { source, settings } = site
  const id = `Reads-${stage.source.name}`
  const mapping = new CfnEventSourceMapping(scope, id, mappingOf(stage, { functionArn, source, settings }))
  mapping.node.addDependency(...site.before(stage))
  return mapping
}

function written(stage: Stage): string {
  const topics = stage.writesTopics.filter((topic) => topic.role !== 'parked').map((topic) => topic.name)
  return [...topics, ...stage.writesTables.map((table) => `table ${table.physicalName}`)].join(', ') || 'nothing'
}
