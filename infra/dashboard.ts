import { Duration } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import { fates, type MetricSpec, ofFunction, ofMapping, ofStage } from './metrics.ts'
import { dimensionsOf, metricOf } from './monitoring.ts'
import type { ProcessorStage } from './stage.ts'

/** A graph with one line per stage and metric; the title is the question that it answers. */
interface Question {
  readonly asks: string
  readonly lines: readonly MetricSpec[]
}

const questions: readonly Question[] = [
  { asks: 'How many records wait?', lines: [ofMapping('MaxOffsetLag', 'Maximum')] },
  {
    asks: 'How old is a record when it is counted? (ms)',
    lines: [ofStage('EventTimeLag', 'p50'), ofStage('EventTimeLag', 'p99')],
  },
  { asks: 'How much comes in, how much goes out?', lines: [ofStage('RecordsRead'), ofStage('Emitted')] },
  { asks: 'What is late, what is parked?', lines: [ofStage('RecordsLate'), ofStage('RecordsParked')] },
  {
    asks: 'Does one batch cost one write?',
    lines: [ofFunction('Invocations'), ofStage('Commits'), ofStage('BucketWrites')],
  },
  { asks: 'How often did a repeat arrive, and was dropped?', lines: [ofStage('DuplicatesDropped')] },
  { asks: 'Does time stand still?', lines: [ofStage('TickHold')] },
  {
    asks: 'Was anything lost before we saw it?',
    lines: [ofStage('OffsetGap'), ofStage('SourceChanged'), ofStage('ForeignRows'), ofMapping('DroppedEventCount')],
  },
  {
    asks: 'Does anything fail?',
    lines: [
      ofFunction('Errors'),
      ofFunction('Throttles'),
      ofMapping('PollingErrorCount'),
      ofMapping('CommitErrorCount'),
    ],
  },
  {
    asks: 'Do functions have room? (ms, environments)',
    lines: [ofFunction('Duration', 'p99'), ofFunction('ConcurrentExecutions', 'Maximum')],
  },
]

/** A widget of alarms takes at most this many. */
const ALARMS_MAX = 100
const WIDTH = 12
const HEIGHT = 6

/** One page that answers, from top to bottom, what somebody asks who was just woken. */
export class Dashboard extends Construct {
  constructor(
    scope: Construct,
    id: string,
    options: { name: string; stages: readonly ProcessorStage[]; alarms: readonly Alarm[] },
  ) {
    super(scope, id)
    const { stages } = options
    const alarms = options.alarms.slice(0, ALARMS_MAX)
    const dashboard = new CloudWatchDashboard(this, 'Page', { dashboardName: options.name })
    dashboard.addWidgets(new AlarmStatusWidget({ title: 'What needs a person now?', alarms, width: 2 * WIDTH }))
    for (const text of rulesOf(stages)) dashboard.addWidgets(text)
    const graphs = [accounts(stages), ...questions.map((question) => graph(question, stages))]
    for (let i = 0; i < graphs.length; i += 2) dashboard.addWidgets(...graphs.slice(i, i + 2))
  }
}

/** Rules are data of one stage: no resource of their own shows them. */
function rulesOf(stages: readonly ProcessorStage[]): TextWidget[] {
  const withRules = stages.map(({ stage }) => stage).filter(({ rules }) => rules.length > 0)
  if (withRules.length === 0) return []
  const lines = withRules.map(({ id, rules }) => `- **${id}**: ${rules.join(', ')}`)
  const markdown = ['### Which rules look at every event?', ...lines].join('\n')
  return [new TextWidget({ markdown, width: 2 * WIDTH, height: 1 + withRules.length })]
}

function graph({ asks, lines }: Question, stages: readonly ProcessorStage[]): IWidget {
  const left = stages.flatMap((stage) => lines.map((line) => labelled(line, stage)))
  return new GraphWidget({ title: asks, left, width: WIDTH, height: HEIGHT })
}

/** Records read minus what became of them, by stage: a flat line at zero. */
function accounts(stages: readonly ProcessorStage[]): IWidget {
  const left = stages.map((stage, i): IMetric => {
    const named = Object.entries({ read: ofStage('RecordsRead'), ...fates }).map(
      ([name, spec]) => [`${name}${i}`, metricOf(spec, dimensionsOf(stage))] as const,
    )
    const lost = Object.keys(fates).map((fate) => `${fate}${i}`)
    const expression = `read${i} - (${lost.join(' + ')})`
    return new MathExpression({
      expression,
      usingMetrics: Object.fromEntries(named),
      label: stage.stage.id,
      period: Duration.minutes(1),
    })
  })
  return new GraphWidget({ title: 'Is every record accounted for?', left, width: WIDTH, height: HEIGHT })
}

const labelled = (spec: MetricSpec, stage: ProcessorStage): IMetric =>
  metricOf(spec, dimensionsOf(stage), `${stage.stage.id} ${spec.name} ${spec.statistic}`)
