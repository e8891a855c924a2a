import { describe, expect, test } from 'vitest'
import { configsOf } from '../../infra/topics.ts'
import { topic as declare } from '../../shared/processor/topic.ts'
import { minutes } from '../../shared/time.ts'
import { selfManaged } from './contexts.ts'
import { topics } from './fixture.ts'
import { ofType, synth } from './synth.ts'

describe('the settings of', () => {
  test('an output: time is the broker’s', () => {
    expect(configsOf(topics.refundsOnly, 'express')).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '604800000',
      'message.timestamp.type': 'LogAppendTime',
    })
  })

  test('a compacted output: no retention', () => {
    expect(configsOf(topics.spendPerCard, 'express')).toEqual({
      'cleanup.policy': 'compact',
      'message.timestamp.type': 'LogAppendTime',
    })
  })

  test.each(['internal', 'parked'] as const)('the %s topic: time is the broker’s', (name) => {
    expect(configsOf(topics[name], 'express')['message.timestamp.type']).toBe('LogAppendTime')
  })

  test('a source: the broker limits how far the producer’s time may be off', () => {
    expect(configsOf(topics.clicks, 'express')).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '604800000',
      'message.timestamp.type': 'CreateTime',
      'message.timestamp.after.max.ms': '60000',
      'message.timestamp.before.max.ms': '604800000',
    })
  })

  test.each([
    ['more than a minute, when declared', minutes(5), '300000'],
    ['a minute at least, for clocks differ', 0, '60000'],
  ])('a source: %s', (_, maxFuture, afterMs) => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const
    const declaration = declare('clicks', { schema, maxFuture })
    expect(configsOf({ ...topics.clicks, declaration }, 'express')['message.timestamp.after.max.ms']).toBe(afterMs)
  })

  test('any topic on Standard brokers: two replicas must agree', () => {
    expect(configsOf(topics.clicks, 'standard')['min.insync.replicas']).toBe('2')
  })
})

describe('topics', () => {
  const template = synth()
  const made = ofType(template, 'AWS::MSK::Topic')

  test('are made where they do not exist', () => {
    expect(made.map(({ Properties: p }) => [p.TopicName, p.PartitionCount, p.ReplicationFactor])).toEqual([
      ['refunds-only', 6, 3],
      ['millrace-parked', 6, 3],
      ['spend-per-card', 6, 3],
      ['clicks', 12, 3],
      ['millrace.visits.1.rekey', 12, 3],
      ['visits-per-page', 6, 3],
    ])
  })

  test('stay when they leave the template', () => {
    for (const { DeletionPolicy, UpdateReplacePolicy } of made)
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain'])
  })

  test('have names that Kafka takes, and settings that are base64 of a JSON object of strings', () => {
    for (const { Properties } of made) {
      expect(Properties.TopicName).toMatch(/^[a-zA-Z0-9._-]{1,249}$/)
      const text = Buffer.from(Properties.Configs as string, 'base64').toString()
      expect(Object.values(JSON.parse(text)).every((value) => typeof value === 'string')).toBe(true)
    }
  })

  test('are left alone when all of them exist', () => {
    expect(ofType(synth({ context: { topics: 'exist' } }), 'AWS::MSK::Topic')).toEqual([])
  })

  test.each([
    ['serverless', { cluster: 'serverless' }],
    ['self-managed', selfManaged],
  ])('cannot be made by AWS on cluster=%s: the error says which, and how to go on', (kind, context) => {
    expect(() => synth({ context })).toThrow(
      new RegExp(
        `not with cluster=${kind}[^]*-c topics=exist[^]*--topic clicks --partitions 12 --config cleanup.policy=delete`,
      ),
    )
  })
})
