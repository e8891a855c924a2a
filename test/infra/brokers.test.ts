import type { CloudFormationCustomResourceEvent } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import { answer } from '../../infra/custom-resource/bootstrap-brokers.ts'
import { only, synth } from './synth.ts'

const event = (RequestType: string): CloudFormationCustomResourceEvent =>
  ({
    RequestType,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Brokers',
    ResourceProperties: { ClusterArn: 'arn:cluster' },
  }) as unknown as CloudFormationCustomResourceEvent

const about = {
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Brokers',
  PhysicalResourceId: 'arn:cluster',
}

describe('the look-up of bootstrap brokers', () => {
  test.each(['Create', 'Update'])('answers a %s with the brokers of the cluster', async (type) => {
    const lookup = async (arn: string) => `b1.${arn}:9098`
    expect(await answer(event(type), lookup)).toEqual({
      ...about,
      Status: 'SUCCESS',
      Data: { Brokers: 'b1.arn:cluster:9098' },
    })
  })

  test('has nothing to do for a Delete, and asks nobody: the cluster may be gone', async () => {
    const lookup = () => Promise.reject(new Error('gone'))
    expect(await answer(event('Delete'), lookup)).toEqual({ ...about, Status: 'SUCCESS', Data: {} })
  })

  test('answers a failure with its reason, so that the deployment does not hang', async () => {
    const lookup = () => Promise.reject(new Error('AccessDenied: kafka:GetBootstrapBrokers'))
    expect(await answer(event('Create'), lookup)).toEqual({
      ...about,
      Status: 'FAILED',
      Reason: 'AccessDenied: kafka:GetBootstrapBrokers',
    })
  })

  test('is waited for no longer than five minutes', () => {
    expect(only(synth(), 'Custom::BootstrapBrokers').Properties.ServiceTimeout).toBe('300')
  })
})
