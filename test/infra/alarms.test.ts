import { describe, expect, test } from 'vitest'
import type { AlarmSpec } from '../../infra/alarm.ts'
import { alarmsOf, journalAlarms, limits } from '../../infra/alarms.ts'
import { fates, functionMetrics, mappingMetrics, NAMESPACE, stageMetrics, tableMetrics } from '../../infra/metrics.ts'
import { metricNames, NAMESPACE as sentUnder } from '../../shared/runtime/metrics.ts'
import { fixture, refunds, spend } from './fixture.ts'
import { type Json, ofType, only, synth } from './synth.ts'

const ids = (specs: readonly AlarmSpec[]) => specs.map(({ id }) => id)

describe('the alarms of', () => {
  const always = [
    ...['errors', 'throttles', 'slow', 'polling-errors', 'commit-errors', 'lag', 'not-catching-up'],
    ...['unaccounted', 'parked', 'late', 'gap', 'source-changed', 'foreign-rows', 'holes-full', 'dropped'],
  ]

  test('a stateless stage', () => {
    expect(ids(alarmsOf(refunds))).toEqual(always)
  })

  test('a stateful stage: also that time moves on', () => {
    expect(ids(alarmsOf(spend))).toEqual([...always, 'tick-held', 'tick-missing'])
  })

  test('a stage that holds keys: also that none is held for long', () => {
    expect(ids(alarmsOf({ ...spend, holdsKeys: true }))).toEqual([...always, 'keys-held', 'tick-held', 'tick-missing'])
  })

  test('a stage follow from how it is deployed', () => {
    const above = (id: string) => alarmsOf(spend).find((spec) => spec.id === id)?.above
    expect(above('slow')).toBe(96_000)
    expect(above('lag')).toBe(1_000 * limits.lagBatches)
  })

  test('any stage say what it means and what to do', () => {
    for (const { says } of [...alarmsOf(spend), ...journalAlarms]) expect(says).toMatch(/^[A-Z].{30,}\.$/)
  })
})

describe('the metrics of a stage', () => {
  test('are those that the runtime sends, under its namespace', () => {
    expect([...stageMetrics].sort()).toEqual([...metricNames].sort())
    expect(NAMESPACE).toBe(sentUnder)
  })
})

describe('what became of the records', () => {
  test('is known for every record read: the fates are all counts of records there are', () => {
    const counts = stageMetrics.filter((name) => /^(Records|Duplicates)/.test(name) && name !== 'RecordsRead')
    expect(Object.values(fates).map(({ name }) => name)).toEqual(counts)
  })

  test('is compared with what was read', () => {
    expect(alarmsOf(spend).find(({ id }) => id === 'unaccounted')?.value).toMatchObject({
      formula: 'ABS(read - (counted + filtered + late + parked + repeated))',
    })
  })
})

describe('alarms in the template', () => {
  const template = synth({ context: { alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:on-call' } })
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties)

  test('are those of all stages and of the journal', () => {
    const wanted = fixture.stages.flatMap((stage) => ids(alarmsOf(stage)).map((id) => `millrace/${stage.id}/${id}`))
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual([
      ...wanted,
      'millrace/journal/write-throttles',
      'millrace/journal/read-throttles',
    ])
  })

  test('watch metrics that exist, under the dimension that they have', () => {
    const known: Readonly<Record<string, readonly string[]>> = {
      'Millrace stage': stageMetrics,
      'AWS/Lambda FunctionName': functionMetrics,
      'AWS/Lambda EventSourceMappingUUID': mappingMetrics,
      'AWS/DynamoDB TableName': tableMetrics,
    }
    const watched = alarms.flatMap(metricsOf)
    expect(watched.length).toBeGreaterThan(alarms.length)
    expect(watched.filter(({ at, name }) => !known[at]?.includes(name))).toEqual([])
  })

  test('tell the topic given', () => {
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual(['arn:aws:sns:us-east-1:111122223333:on-call'])
    expect(ofType(synth(), 'AWS::CloudWatch::Alarm')[0]?.Properties).not.toHaveProperty('AlarmActions')
  })

  test('take silence for good news, but for the tick', () => {
    const worried = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching')
    expect(worried.map(({ AlarmName }) => String(AlarmName).split('/')[2])).toEqual(Array(3).fill('tick-missing'))
  })
})

describe('the dashboard', () => {
  test('asks questions', () => {
    const body = JSON.stringify(only(synth(), 'AWS::CloudWatch::Dashboard').Properties.DashboardBody)
    const titles = [...body.matchAll(/\\"title\\":\\"([^"\\]+)\\"/g)].map(([, title]) => title)
    expect(titles).toEqual([
      'What needs a person now?',
      'Is every record accounted for?',
      'How many records wait?',
      'How old is a record when it is counted? (ms)',
      'How much comes in, how much goes out?',
      'What is late, what is parked?',
      'Does one batch cost one write?',
      'How often did a repeat arrive, and was dropped?',
      'Does time stand still?',
      'Was anything lost before we saw it?',
      'Does anything fail?',
      'Do functions have room? (ms, environments)',
    ])
  })
})

interface MetricOf {
  readonly Namespace: string
  readonly MetricName: string
  readonly Dimensions: readonly { readonly Name: string }[]
}

function metricsOf(alarm: Readonly<Record<string, Json>>): { at: string; name: string }[] {
  const inMath = ((alarm.Metrics ?? []) as unknown as { MetricStat?: { Metric: MetricOf } }[]).flatMap(
    ({ MetricStat }) => MetricStat?.Metric ?? [],
  )
  const metrics = alarm.Namespace ? [alarm as unknown as MetricOf] : inMath
  return metrics.map(({ Namespace, MetricName, Dimensions }) => ({
    at: `${Namespace} ${Dimensions.map(({ Name }) => Name)}`,
    name: MetricName,
  }))
}
