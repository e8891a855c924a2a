import { describe, expect, test } from 'vitest'
import { fixture, planOf, refunds, spend, stage, topics } from './fixture.ts'
import { synth, type Template } from './synth.ts'

/** Losing one of these loses data, so that their ids may never change: a new id is a new resource. */
const data = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::MSK::Cluster', 'AWS::MSK::Topic']

const idsOf = (template: Template, types: readonly string[]): string[] =>
  Object.keys(template.Resources).filter((id) => types.includes(template.Resources[id]!.Type))

describe('from deployment to deployment', () => {
  test('what holds data keeps its identity', () => {
    expect(idsOf(synth(), data).sort()).toEqual([
      'JournalAE8C44B2',
      'KafkaCluster21A1BE89',
      'Key961B73FD',
      'Tablescardlimits4CBC6AEF',
      'Topicsclicks5AABB880',
      'Topicsmillraceparked6210E450',
      'Topicsmillracevisits1rekeyC369F8F8',
      'TopicsrefundsonlyB4CBC798',
      'TopicsspendpercardAE3C7AAF',
      'TopicsvisitsperpageFB4C8013',
    ])
  })

  test('another processor changes nothing but what shows or invokes all of them', () => {
    const more = stage('more', { source: topics.payments, writes: [] })
    const [before, after] = [fixture, planOf(...fixture.stages, more)].map((plan) => synth({ plan }).Resources)
    const changed = Object.keys(before!).filter((id) => JSON.stringify(before![id]) !== JSON.stringify(after![id]))
    expect(changed.map((id) => before![id]!.Type).sort()).toEqual(['AWS::CloudWatch::Dashboard', 'AWS::IAM::Role'])
    expect(changed.some((id) => id.startsWith('TickRole'))).toBe(true)
  })

  test('another generation stands beside the old one and shares nothing but topics', () => {
    const second = stage('spend', { source: topics.payments, writes: [topics.spendPerCard], generation: 2 })
    const before = synth({ plan: planOf(refunds, spend) }).Resources
    const after = synth({ plan: planOf(refunds, spend, second) }).Resources
    const added = Object.keys(after).filter((id) => !(id in before) && !id.startsWith('Alarms'))
    expect(added.map((id) => after[id]!.Type).sort()).toEqual([
      'AWS::IAM::Role',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
      'AWS::Scheduler::Schedule',
    ])
  })
})
