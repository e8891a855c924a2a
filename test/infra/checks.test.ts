import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { acknowledgements } from '../../infra/acknowledgements.ts'
import { existing, network, selfManaged } from './contexts.ts'
import { findings } from './synth.ts'

// CloudFormation's schemas, AwsSolutions and Serverless checks, on the whole template, without an account.
describe('no check finds anything that is not acknowledged', { timeout: 60_000 }, () => {
  test.each<[string, Record<string, string>]>([
    ['Express brokers', {}],
    ['Express brokers in a network that exists', network],
    ['Standard brokers', { cluster: 'standard' }],
    ['MSK Serverless', { cluster: 'serverless', topics: 'exist' }],
    ['a cluster that exists', existing],
    ['Kafka outside MSK', { ...selfManaged, topics: 'exist' }],
    ['another Region, with everything set', everything()],
  ])('on %s', (_, context) => {
    expect(findings({ context })).toEqual([])
  })
})

describe('what is acknowledged', { timeout: 60_000 }, () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
  afterEach(() => void vi.restoreAllMocks())

  test('is found, or need not be acknowledged', () => {
    const found = findings({ all: true }).map((finding) => finding.split(' ')[0])
    expect([...new Set(found)].sort()).toEqual([...new Set(acknowledgements.map(({ id }) => id))].sort())
  })

  test('has a reason', () => {
    for (const { reason } of acknowledgements) expect(reason).toMatch(/^[A-Za-z].{40,}\.$/)
  })
})

function everything(): Record<string, string> {
  return {
    name: 'orders',
    region: 'eu-central-1',
    kafkaVersion: '3.8.x',
    instanceType: 'express.m7g.4xlarge',
    brokers: '6',
    logRetentionDays: '90',
    alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
    pollerGroup: 'shared',
    mappingLogLevel: 'DEBUG',
  }
}
