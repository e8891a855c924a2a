import { MillraceError } from '../../shared/errors.ts'
import type { DestinationKind } from './rules/failure-message.ts'
import { checkFilters } from './rules/filter.ts'
import { awsDefaults, type MappingSettings } from './settings.ts'

const WHERE = 'The event source mapping'

// What only provisioned mode has, and what it is when it is not set.
const PROVISIONED_ONLY = ['retriesMax', 'recordAgeMaxMs', 'bisect', 'reportFailures'] as const

/**
 * The settings that hold: in on-demand mode without those of provisioned mode, if they are to be ignored.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-parameters.html
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html
 * @throws MillraceError `OPTION_INVALID` for what AWS does not allow
 */
export function checkedSettings(given: MappingSettings, destination?: DestinationKind): MappingSettings {
  inRange(given, 'batchRecordsMax', 1, 10_000)
  inRange(given, 'batchWindowMs', 0, 300_000)
  inRange(given, 'pollersMax', 0, 2_000)
  inRange(given, 'concurrency', 1, 1_000)
  inRange(given, 'retriesMax', -1, 10_000)
  if (given.recordAgeMaxMs !== -1) inRange(given, 'recordAgeMaxMs', 60_000, 604_800_000)
  if (given.reservedConcurrency !== Number.POSITIVE_INFINITY) inRange(given, 'reservedConcurrency', 0, 1_000_000)
  checkFilters(given.filters)
  return given.pollersMax > 0 ? given : onDemand(given, destination)
}

function onDemand(given: MappingSettings, destination: DestinationKind | undefined): MappingSettings {
  if (destination === 'kafka') refuse('onFailure', destination, 'sqs, sns or s3 without pollersMax')
  const extras = PROVISIONED_ONLY.filter((name) => given[name] !== awsDefaults[name])
  if (extras.length === 0) return given
  const name = extras[0]!
  if (given.onDemandExtras === 'reject')
    refuse(name, given[name], `${awsDefaults[name]} in on-demand mode; pollersMax makes it provisioned mode`)
  const { retriesMax, recordAgeMaxMs, bisect, reportFailures } = awsDefaults
  return { ...given, retriesMax, recordAgeMaxMs, bisect, reportFailures }
}

type NumberName = { [K in keyof MappingSettings]: MappingSettings[K] extends number ? K : never }[keyof MappingSettings]

function inRange(given: MappingSettings, option: NumberName, low: number, high: number): void {
  const value = given[option]
  if (!Number.isInteger(value) || value < low || value > high) refuse(option, value, `from ${low} to ${high}`)
}

function refuse(option: string, given: unknown, must: string): never {
  throw new MillraceError('OPTION_INVALID', { where: WHERE, option, given, must })
}
