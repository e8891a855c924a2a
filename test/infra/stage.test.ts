import { describe, expect, test } from 'vitest'
import { stageLogGroup } from '../../infra/names.ts'
import { settingsFrom } from '../../shared/runtime/lambda/settings.ts'
import { fixture, planOf, spend, visits } from './fixture.ts'
import { resolve } from './resolve.ts'
import { ofType, only, type Resource, synth, type Template } from './synth.ts'

const template = synth()

/** The function of a stage, by what its environment says. */
const functionOf = (stage: string, of: Template = template): Resource =>
  ofType(of, 'AWS::Lambda::Function').find(({ Properties }) =>
    JSON.stringify(Properties.Environment)?.includes(`"MILLRACE_STAGE":"${stage}"`),
  )!

const mappingOf = (stage: { group: string }, of: Template = template): Resource =>
  only(of, 'AWS::Lambda::EventSourceMapping', { AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: stage.group } })

describe('the function of a stage', () => {
  test('runs the one bundle, on the newest Node.js, on Graviton', () => {
    expect(functionOf('spend').Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1_769,
      Timeout: 120,
      Description: 'Reads payments, writes spend-per-card',
    })
    const codes = fixture.stages.map(({ id }) => JSON.stringify(functionOf(id).Properties.Code))
    expect(new Set(codes).size).toBe(1)
  })

  test('is told which stage it is and where Kafka and the journal are', () => {
    expect(functionOf('spend').Properties.Environment).toEqual({
      Variables: {
        MILLRACE_STAGE: 'spend',
        MILLRACE_BROKERS: { 'Fn::GetAtt': [expect.stringMatching(/^KafkaBrokers/), 'Brokers'] },
        MILLRACE_AUTH: 'iam',
        MILLRACE_JOURNAL_TABLE: { Ref: expect.stringMatching(/^Journal/) },
      },
    })
  })

  test.each(fixture.stages)('is told what the runtime asks for: $id', (stage) => {
    const { Variables } = resolve(template, functionOf(stage.id).Properties.Environment!) as {
      Variables: Record<string, string>
    }
    const settings = settingsFrom({ ...Variables, AWS_REGION: 'us-east-1' }, fixture)
    expect(settings).toMatchObject({ stage, auth: { kind: 'iam' } })
    expect(settings.journalTable).toBe(stage.stateful ? 'millrace-journal' : undefined)
  })

  test('is told nothing of the journal when it has no state', () => {
    expect(JSON.stringify(functionOf('refunds').Properties.Environment)).not.toContain('JOURNAL')
  })

  test.each(fixture.stages)('is found by its log group, which no other function has: $id', ({ id }) => {
    const { LogGroup: group } = functionOf(id).Properties.LoggingConfig as { LogGroup: { Ref: string } }
    expect(template.Resources[group.Ref]!.Properties.LogGroupName).toBe(stageLogGroup('millrace', id))
    const users = ofType(template, 'AWS::Lambda::Function').filter(({ Properties }) =>
      JSON.stringify(Properties.LoggingConfig)?.includes(`"${group.Ref}"`),
    )
    expect(users).toHaveLength(1)
  })

  test('logs JSON to a group of its own, for a month, under our key', () => {
    expect(functionOf('spend').Properties.LoggingConfig).toMatchObject({
      LogFormat: 'JSON',
      ApplicationLogLevel: 'INFO',
      SystemLogLevel: 'WARN',
    })
    expect(
      only(template, 'AWS::Logs::LogGroup', { LogGroupName: '/millrace/millrace/spend' }).Properties,
    ).toMatchObject({
      RetentionInDays: 30,
      KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    })
  })

  test('has a name that the stack tells, for those who redrive', () => {
    const told = Object.values(template.Outputs).map(({ Description }) => Description)
    expect(told).toEqual([...fixture.stages.map(({ id }) => `Function of ${id}`), 'Bootstrap brokers'])
  })

  test('does not repeat failed ticks', () => {
    const configs = ofType(template, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties)
    expect(configs).toHaveLength(3)
    for (const config of configs)
      expect(config).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 300 })
  })
})

describe('the mapping of a stage', () => {
  test('reads one topic from its oldest record, in the planned group, and retries for ever', () => {
    expect(mappingOf(spend).Properties).toEqual({
      Topics: ['payments'],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'millrace.spend.1.main' },
      EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^KafkaCluster/), 'Arn'] },
      FunctionName: { 'Fn::GetAtt': [expect.stringMatching(/^StagesspendFunction/), 'Arn'] },
      MetricsConfig: { Metrics: ['EventCount', 'ErrorCount', 'KafkaMetrics'] },
      Tags: [{ Key: 'millrace:processor', Value: 'spend' }],
    })
  })

  test('has the pollers that the processor asks for', () => {
    const config = { MinimumPollers: 2, MaximumPollers: 6 }
    expect(mappingOf(visits).Properties.ProvisionedPollerConfig).toEqual(config)
    const context = { pollerGroup: 'shared', mappingLogLevel: 'INFO' }
    const { Properties } = mappingOf(visits, synth({ context }))
    expect(Properties.ProvisionedPollerConfig).toEqual({ ...config, PollerGroupName: 'shared' })
    expect(Properties.LoggingConfig).toEqual({ SystemLogLevel: 'INFO' })
  })

  test('leaves Lambda’s own window of half a second alone: set once, it cannot be had again', () => {
    const stage = { ...spend, deployment: { ...spend.deployment, batchWindowMs: 500 } }
    const { Properties } = mappingOf(stage, synth({ plan: planOf(stage) }))
    expect(Properties).not.toHaveProperty('MaximumBatchingWindowInSeconds')
  })

  test('waits for its source and its outputs', () => {
    const waitsFor = mappingOf(visits).DependsOn?.filter((id) => /^(Topics|Tables)/.test(id))
    expect(waitsFor?.map((id) => id.slice(0, -8)).sort()).toEqual([
      'Topicsmillraceparked',
      'Topicsmillracevisits1rekey',
      'Topicsvisitsperpage',
    ])
  })

  test('is a new one when the topic is another: the old one would go on reading the old topic', () => {
    const moved = { ...spend, source: { ...spend.source, name: 'payments-2' } }
    const [before, after] = [spend, moved].map((stage) => idOfMapping(synth({ plan: planOf(stage) })))
    expect(after).not.toBe(before)
  })
})

const idOfMapping = (of: Template): string | undefined =>
  Object.keys(of.Resources).find((id) => of.Resources[id]?.Type === 'AWS::Lambda::EventSourceMapping')
