import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import { Construct, type IDependable } from 'constructs'
import { MillraceError } from '../shared/errors.ts'
import type { Plan, Stage } from '../shared/processor/plan-types.ts'
import { Dashboard } from './dashboard.ts'
import { dataKey, logGroup } from './encryption.ts'
import { Kafka } from './kafka.ts'
import { Alarms } from './monitoring.ts'
import { existingNetwork, type Network, ownNetwork } from './network.ts'
import type { Settings } from './settings.ts'
import { ProcessorStage } from './stage.ts'
import { journalTable, outputTables } from './tables.ts'
import { Tick } from './tick.ts'
import { createTopics } from './topics.ts'

export interface MillraceProps {
  readonly plan: Plan
  readonly settings: Settings
  readonly code: { readonly processors: Code; readonly bootstrapBrokers: Code }
}

/** Everything that a list of processors needs to run; nothing in it is said twice, all of it follows from the plan. */
export class MillraceStack extends Stack {
  constructor(scope: Construct, { plan, settings, code }: MillraceProps) {
    super(scope, settings.name, { env: { region: settings.region }, description: 'Millrace stream processors' })
    const { name } = settings
    checkPollers(plan, settings)
    const key = dataKey(this)
    const network = networkFor(new Construct(this, 'Network'), { plan, settings, key })
    const kafka = new Kafka(this, 'Kafka', { settings, network, key, code: code.bootstrapBrokers })
    const journal = plan.stages.some(hasJournal) ? journalTable(this, { name, key }) : undefined
    const tables = outputTables(new Construct(this, 'Tables'), plan.tables, { key })
    const topicsOptions = { settings, clusterArn: kafka.clusterArn }
    const topics = createTopics(new Construct(this, 'Topics'), plan.topics, topicsOptions)
    const site = {
      settings,
      network,
      key,
      source: kafka.source,
      code: code.processors,
      arns: {
        ...kafka.arns,
        journal: journal?.tableArn ?? '',
        table: (physicalName: string) => tables.get(physicalName)!.tableArn,
        key: key.keyArn,
        keyVia: `dynamodb.${this.region}.amazonaws.com`,
      },
      environment: (stage: Stage) => ({
        ...kafka.environment,
        MILLRACE_STAGE: stage.id,
        ...(journal && hasJournal(stage) && { MILLRACE_JOURNAL_TABLE: journal.tableName }),
      }),
      before: (stage: Stage): IDependable[] => [
        ...[stage.source, ...stage.writesTopics].flatMap((topic) => topics.get(topic.name) ?? []),
        ...stage.writesTables.map((table) => tables.get(table.physicalName)!),
      ],
    }
    const scopeOfStages = new Construct(this, 'Stages')
    const stages = plan.stages.map((stage) => new ProcessorStage(scopeOfStages, stage, site))
    const ticked = stages.filter(({ stage }) => stage.stateful)
    if (ticked.length > 0) new Tick(this, 'Tick', { name, stages: ticked })
    const watched = { name, stages, journal: journal?.tableName, notify: settings.alarmTopicArn }
    const alarms = new Alarms(this, 'Alarms', watched)
    new Dashboard(this, 'Dashboard', { name, stages, alarms: alarms.all })
    new CfnOutput(this, 'Brokers', { description: 'Bootstrap brokers', value: kafka.environment.MILLRACE_BROKERS! })
  }
}

const hasJournal = (stage: Stage): boolean => stage.journalPrefix !== undefined

function networkFor(scope: Construct, options: { plan: Plan; settings: Settings; key: Key }): Network {
  const { plan, settings, key } = options
  if (settings.network) return existingNetwork(settings.network)
  const name = `/millrace/${settings.name}/network`
  const flowLogs = logGroup(scope, 'FlowLogs', { name, key, days: settings.logRetentionDays })
  const pollersOnDemand = plan.stages.some((stage) => !stage.deployment.pollers)
  return ownNetwork(scope, { zones: settings.availabilityZones, pollersOnDemand, flowLogs })
}

/** @throws MillraceError `USAGE` for settings that would change nothing. */
function checkPollers(plan: Plan, settings: Settings): void {
  if (plan.stages.some((stage) => stage.deployment.pollers)) return
  for (const setting of ['pollerGroup', 'mappingLogLevel'] as const)
    if (settings[setting] !== undefined)
      throw new MillraceError('USAGE', {
        problem: `${setting} needs provisioned pollers, and no processor has them.`,
        fix: `Deploy a processor with pollers: { min, max }, or leave ${setting} out.`,
      })
}
