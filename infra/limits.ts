import type { CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda'
import { MillraceError } from '../shared/errors.ts'
import type { Stage } from '../shared/processor/plan-types.ts'

/** What a batching window is unless one is set; once set, it cannot be had again without a new mapping. */
export const DEFAULT_WINDOW_MS = 500

const isWhole = (n: number, min: number, max: number): boolean => Number.isSafeInteger(n) && n >= min && n <= max
const isSeconds = (ms: number, min: number, max: number): boolean => isWhole(ms / 1_000, min, max)

/**
 * Refuses what AWS would refuse half an hour into a deployment, or would take and never act upon.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-parameters.html
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkStage({ id, deployment: d, group, source }: Stage): void {
  const where = `The stage ${JSON.stringify(id)}`
  const check = (ok: boolean, option: string, given: unknown, must: string): void => {
    if (!ok) throw new MillraceError('OPTION_INVALID', { where, option, given, must })
  }
  check(isWhole(d.memoryMb, 128, 10_240), 'memoryMb', d.memoryMb, 'a whole number of MB from 128 to 10240')
  const second = 'whole seconds from 1 to 840, the most that a function behind Kafka may take'
  check(isSeconds(d.timeoutMs, 1, 840), 'timeoutMs', d.timeoutMs, second)
  check(isWhole(d.batchRecordsMax, 1, 10_000), 'batchRecordsMax', d.batchRecordsMax, 'a whole number from 1 to 10000')
  const window = `${DEFAULT_WINDOW_MS} (Lambda's own default) or whole seconds up to 300`
  const fits = d.batchWindowMs === DEFAULT_WINDOW_MS || isSeconds(d.batchWindowMs, 0, 300)
  check(fits, 'batchWindowMs', d.batchWindowMs, window)
  check(
    /^[a-zA-Z0-9._-]{1,249}$/.test(source.name),
    'source',
    source.name,
    '1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-"',
  )
  check(/^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/.test(group), 'group', group, 'at most 200 characters')
  if (!d.pollers) return
  const { min, max } = d.pollers
  check(isWhole(min, 1, 200), 'pollers.min', min, 'a whole number from 1 to 200')
  check(isWhole(max, min, 2_000), 'pollers.max', max, `a whole number from pollers.min, ${min}, to 2000`)
}

/** These need provisioned pollers; without them Lambda refuses or ignores them. */
const needPollers = [
  'bisectBatchOnFunctionError',
  'functionResponseTypes',
  'loggingConfig',
  'maximumRecordAgeInSeconds',
  'maximumRetryAttempts',
] as const

/** These break the promise that nothing is lost and nothing is reordered, or are not for Kafka. */
const never = {
  destinationConfig:
    'left out: with a destination Lambda gives up after ten attempts, and the journal would find a gap',
  parallelizationFactor: 'left out: Kafka partitions are not split',
  tumblingWindowInSeconds: 'left out: windows are declared in the processor',
} as const

/**
 * Refuses an event source mapping that would not do what it says.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkMapping(stageId: string, mapping: CfnEventSourceMappingProps): void {
  const where = `The event source mapping of ${JSON.stringify(stageId)}`
  const check = (ok: boolean, option: string, must: string): void => {
    const given = mapping[option as keyof CfnEventSourceMappingProps]
    if (!ok) throw new MillraceError('OPTION_INVALID', { where, option, given, must })
  }
  const fix = 'left out, or the processor deployed with pollers: { min, max }; it needs provisioned pollers'
  for (const option of needPollers)
    check(mapping[option] === undefined || mapping.provisionedPollerConfig !== undefined, option, fix)
  for (const [option, must] of Object.entries(never)) check(!(option in mapping), option, must)
  check(mapping.topics?.length === 1, 'topics', 'exactly one topic')
  check(
    mapping.startingPosition === 'TRIM_HORIZON',
    'startingPosition',
    'TRIM_HORIZON: LATEST misses what arrives while it starts',
  )
  const sources = [mapping.amazonManagedKafkaEventSourceConfig, mapping.selfManagedKafkaEventSourceConfig]
  check(sources.filter(Boolean).length === 1, 'amazonManagedKafkaEventSourceConfig', 'given, or its self-managed twin')
}
