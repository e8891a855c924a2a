import { Stack } from 'aws-cdk-lib'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import type { ProcessorStage } from './stage.ts'

/** What a stateful function gets every minute, so that its time moves on while partitions are silent. */
export const tickEvent = { millrace: 'tick' } as const

/** One schedule per stateful stage, under one role that may invoke these functions and no others. */
export class Tick extends Construct {
  constructor(scope: Construct, id: string, options: { name: string; stages: readonly ProcessorStage[] }) {
    super(scope, id)
    const group = new CfnScheduleGroup(this, 'Group', { name: options.name })
    const functions = options.stages.map((stage) => stage.function.functionArn)
    const role = schedulerRole(this, { groupName: options.name, functions })
    for (const { stage, function: fn } of options.stages)
      new CfnSchedule(this, stage.id, {
        groupName: group.ref,
        description: `Tick of ${stage.id}`,
        scheduleExpression: 'rate(1 minute)',
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: fn.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify(tickEvent),
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        },
      })
  }
}

function schedulerRole(scope: Construct, options: { groupName: string; functions: string[] }): Role {
  const { account, partition, region } = Stack.of(scope)
  const group = `arn:${partition}:scheduler:${region}:${account}:schedule-group/${options.groupName}`
  return new Role(scope, 'Role', {
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account, 'aws:SourceArn': group } },
    }),
    inlinePolicies: {
      Grants: new PolicyDocument({
        statements: [
          new PolicyStatement({ sid: 'Tick', actions: ['lambda:InvokeFunction'], resources: options.functions }),
        ],
      }),
    },
  })
}
