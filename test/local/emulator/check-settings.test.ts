import { describe, expect, it } from 'vitest'
import { checkedSettings } from '../../../local/emulator/check-settings.ts'
import { awsDefaults, type MappingSettings } from '../../../local/emulator/settings.ts'

const check = (changes: Partial<MappingSettings>, destination?: 'sqs' | 'kafka') => () =>
  checkedSettings({ ...awsDefaults, ...changes }, destination)

describe('settings are refused when', () => {
  it.each<[string, Partial<MappingSettings>]>([
    ['a batch has no record', { batchRecordsMax: 0 }],
    ['a batch has too many', { batchRecordsMax: 10_001 }],
    ['a window is longer than 300 s', { batchWindowMs: 300_001 }],
    ['there are too many pollers', { pollersMax: 2_001 }],
    ['there is no poller', { concurrency: 0 }],
    ['there are too many retries', { pollersMax: 1, retriesMax: 10_001 }],
    ['records may be less than a minute old', { pollersMax: 1, recordAgeMaxMs: 59_999 }],
    ['records may be more than a week old', { pollersMax: 1, recordAgeMaxMs: 604_800_001 }],
    ['a number is not whole', { batchRecordsMax: 1.5 }],
  ])('%s', (_, changes) => {
    expect(check(changes)).toThrow('OPTION_INVALID')
  })
})

it.each<Partial<MappingSettings>>([
  { batchRecordsMax: 1, batchWindowMs: 0, pollersMax: 1, retriesMax: 0, recordAgeMaxMs: 60_000 },
  {
    batchRecordsMax: 10_000,
    batchWindowMs: 300_000,
    pollersMax: 2_000,
    retriesMax: 10_000,
    recordAgeMaxMs: 604_800_000,
  },
  { pollersMax: 1, retriesMax: -1, recordAgeMaxMs: -1 },
])('the ends of each range belong to it: %o', (changes) => {
  expect(check(changes)()).toEqual({ ...awsDefaults, ...changes })
})

describe('on demand', () => {
  const extras: Partial<MappingSettings>[] = [
    { retriesMax: 3 },
    { recordAgeMaxMs: 60_000 },
    { bisect: true },
    { reportFailures: true },
  ]
  it.each(extras)('%o is refused, or without effect if the switch says so', (extra) => {
    expect(check(extra)).toThrow('pollersMax')
    expect(check({ ...extra, onDemandExtras: 'ignore' })()).toEqual({ ...awsDefaults, onDemandExtras: 'ignore' })
    expect(check({ ...extra, pollersMax: 1 })()).toMatchObject(extra)
  })

  it('there is no Kafka topic for failures, but other destinations are', () => {
    expect(check({}, 'kafka')).toThrow('onFailure')
    expect(check({}, 'sqs')()).toEqual(awsDefaults)
    expect(check({ pollersMax: 1 }, 'kafka')()).toMatchObject({ pollersMax: 1 })
  })
})
