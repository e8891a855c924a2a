import type { CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda'
import { describe, expect, test } from 'vitest'
import { checkMapping, checkStage } from '../../infra/limits.ts'
import type { Deployment, Stage } from '../../shared/processor/plan-types.ts'
import { deployment, fixture, planOf, refunds, spend, topics } from './fixture.ts'
import { synth } from './synth.ts'

describe('a stage is refused', () => {
  test.each<[string, Partial<Deployment>, RegExp]>([
    ['with too little memory', { memoryMb: 64 }, /The stage "spend": memoryMb is 64, .*128 to 10240/],
    ['with too much memory', { memoryMb: 20_000 }, /memoryMb/],
    ['that may run longer than a function behind Kafka', { timeoutMs: 900_000 }, /timeoutMs is 900000, .*840/],
    ['with a time-out of half a second too much', { timeoutMs: 10_500 }, /whole seconds/],
    ['with a batch above the limit', { batchRecordsMax: 10_001 }, /batchRecordsMax is 10001/],
    ['with a window above the limit', { batchWindowMs: 301_000 }, /batchWindowMs is 301000/],
    ['with a window that is no whole second', { batchWindowMs: 250 }, /500 \(Lambda's own default\) or whole seconds/],
    ['with no poller', { pollers: { min: 0, max: 3 } }, /pollers\.min is 0/],
    ['with fewer pollers at most than at least', { pollers: { min: 4, max: 3 } }, /from pollers\.min, 4, to 2000/],
  ])('%s', (_, given, message) => {
    expect(() => checkStage({ ...spend, deployment: { ...deployment, ...given } })).toThrow(message)
  })

  test.each<[string, Partial<Stage>, RegExp]>([
    [
      'with a topic that Kafka would refuse',
      { source: { ...topics.payments, name: 'pay ments' } },
      /source is "pay ments"/,
    ],
    ['with a group that Lambda would refuse', { group: 'a'.repeat(201) }, /at most 200 characters/],
  ])('%s', (_, given, message) => {
    expect(() => checkStage({ ...spend, ...given })).toThrow(message)
  })

  test('when the stack is made, not when it is deployed', () => {
    const stage = { ...spend, deployment: { ...deployment, timeoutMs: 900_000 } }
    expect(() => synth({ plan: planOf(stage) })).toThrow(/OPTION_INVALID.*timeoutMs/)
  })

  test.each(fixture.stages.map((stage) => [stage.id, stage] as const))('but not %s', (_, stage) => {
    expect(() => checkStage(stage)).not.toThrow()
  })
})

describe('a mapping is refused', () => {
  const fine: CfnEventSourceMappingProps = {
    functionName: 'f',
    topics: ['payments'],
    startingPosition: 'TRIM_HORIZON',
    amazonManagedKafkaEventSourceConfig: { consumerGroupId: 'g' },
  }
  const pollers = { minimumPollers: 1 }

  test('never when it is fine', () => {
    expect(() => checkMapping('spend', fine)).not.toThrow()
  })

  test.each<[string, Partial<CfnEventSourceMappingProps>]>([
    ['maximumRetryAttempts', { maximumRetryAttempts: 3 }],
    ['maximumRecordAgeInSeconds', { maximumRecordAgeInSeconds: 600 }],
    ['bisectBatchOnFunctionError', { bisectBatchOnFunctionError: true }],
    ['functionResponseTypes', { functionResponseTypes: ['ReportBatchItemFailures'] }],
    ['loggingConfig', { loggingConfig: { systemLogLevel: 'INFO' } }],
  ])('with %s but no pollers, and the error names the fix', (option, given) => {
    expect(() => checkMapping('spend', { ...fine, ...given })).toThrow(
      new RegExp(`"spend": ${option} is .*left out, or the processor deployed with pollers: { min, max }`),
    )
    expect(() => checkMapping('spend', { ...fine, ...given, provisionedPollerConfig: pollers })).not.toThrow()
  })

  test.each<[string, Partial<CfnEventSourceMappingProps>, RegExp]>([
    ['a destination', { destinationConfig: { onFailure: { destination: 'arn' } } }, /gives up after ten attempts/],
    ['a tumbling window', { tumblingWindowInSeconds: 60 }, /windows are declared in the processor/],
    ['a parallelization factor', { parallelizationFactor: 2 }, /partitions are not split/],
    ['two topics', { topics: ['a', 'b'] }, /exactly one topic/],
    ['no topic', { topics: [] }, /exactly one topic/],
    ['LATEST', { startingPosition: 'LATEST' }, /LATEST misses what arrives/],
    ['two kinds of Kafka', { selfManagedKafkaEventSourceConfig: { consumerGroupId: 'g' } }, /self-managed twin/],
  ])('with %s', (_, given, message) => {
    expect(() => checkMapping('spend', { ...fine, ...given })).toThrow(message)
  })
})

describe('settings that need pollers are refused where no processor has any', () => {
  test.each([{ pollerGroup: 'shared' }, { mappingLogLevel: 'INFO' }])('%o', (context) => {
    expect(() => synth({ plan: planOf(refunds), context })).toThrow(
      /needs provisioned pollers, and no processor has them\. Deploy a processor with pollers: \{ min, max \}/,
    )
  })
})
