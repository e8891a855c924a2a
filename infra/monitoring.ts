import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { AlarmSpec } from './alarm.ts'
import { alarmsOf, journalAlarms } from './alarms.ts'
import { type MetricSpec, NAMESPACE, STAGE_DIMENSION } from './metrics.ts'
import type { ProcessorStage } from './stage.ts'

const minute = Duration.minutes(1)

/** Where a metric's values are: the dimensions of each kind of resource. */
export type Dimensions = Readonly<Partial<Record<MetricSpec['of'], Readonly<Record<string, string>>>>>

/** The dimensions of a stage's metrics, its function's and its mapping's. */
export const dimensionsOf = ({ stage, function: fn, mapping }: ProcessorStage): Dimensions => ({
  stage: { [STAGE_DIMENSION]: stage.id },
  function: { FunctionName: fn.functionName },
  mapping: { EventSourceMappingUUID: mapping.ref },
})

/** A metric by the minute. */
export function metricOf(spec: MetricSpec, dimensions: Dimensions, label?: string): Metric {
  return new Metric({
    namespace: namespaces[spec.of],
    metricName: spec.name,
    dimensionsMap: { ...dimensions[spec.of] },
    statistic: spec.statistic,
    period: minute,
    ...(label && { label }),
  })
}

const namespaces = { stage: NAMESPACE, function: 'AWS/Lambda', mapping: 'AWS/Lambda', table: 'AWS/DynamoDB' } as const

/** Every alarm of every stage and of the journal, all telling one SNS topic if there is one. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[]

  constructor(
    scope: Construct,
    id: string,
    options: {
      name: string
      stages: readonly ProcessorStage[]
      journal: string | undefined
      notify: string | undefined
    },
  ) {
    super(scope, id)
    const topic = options.notify === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', options.notify)
    const add = (owner: string, spec: AlarmSpec, dimensions: Dimensions) =>
      alarm(this, { owner, spec, dimensions, topic, name: `${options.name}/${owner}/${spec.id}` })
    const { journal } = options
    this.all = [
      ...options.stages.flatMap((stage) =>
        alarmsOf(stage.stage).map((spec) => add(stage.stage.id, spec, dimensionsOf(stage))),
      ),
      ...(journal ? journalAlarms.map((spec) => add('journal', spec, { table: { TableName: journal } })) : []),
    ]
  }
}

function alarm(
  scope: Construct,
  options: { owner: string; spec: AlarmSpec; dimensions: Dimensions; topic: ITopic | undefined; name: string },
): Alarm {
  const { owner, spec, dimensions, topic } = options
  const made = new Alarm(scope, `${owner}-${spec.id}`, {
    alarmName: options.name,
    alarmDescription: spec.says,
    metric: shown(spec, dimensions),
    threshold: spec.above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: spec.minutes,
    datapointsToAlarm: spec.breaches,
    treatMissingData: spec.silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  })
  if (topic) made.addAlarmAction(new SnsAction(topic))
  return made
}

function shown({ id, value }: AlarmSpec, dimensions: Dimensions): Metric | MathExpression {
  if (!('formula' in value)) return metricOf(value, dimensions)
  const usingMetrics = Object.entries(value.over).map(([name, spec]) => [name, metricOf(spec, dimensions)] as const)
  return new MathExpression({
    expression: value.formula,
    usingMetrics: Object.fromEntries(usingMetrics),
    label: id,
    period: minute,
  })
}
