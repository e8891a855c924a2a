import { describe, expect, test } from 'vitest'
import type { ControlEvent } from '../../shared/runtime/kafka-event.ts'
import { factsOf } from '../../shared/runtime/lambda/events.ts'
import { planOf, refunds } from './fixture.ts'
import { ofType, only, synth } from './synth.ts'

describe('the tick', () => {
  const template = synth()
  const schedules = ofType(template, 'AWS::Scheduler::Schedule')

  test('comes to every stateful stage and to no other', () => {
    const arns = schedules.map(({ Properties }) => JSON.stringify((Properties.Target as { Arn: unknown }).Arn))
    const stages = arns.map((arn) => /Stages(\w+)Function/.exec(arn)?.[1])
    expect(stages).toEqual(['spend', 'limits', 'visits'])
  })

  test('comes every minute, as JSON, and is dropped rather than late', () => {
    for (const { Properties } of schedules) {
      expect(Properties).toMatchObject({
        ScheduleExpression: 'rate(1 minute)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
      })
      const event: ControlEvent = JSON.parse((Properties.Target as { Input: string }).Input)
      expect(event).toEqual({ millrace: 'tick' })
      expect(factsOf(event).kind).toBe('tick')
    }
  })

  test('invokes these functions under a role that this schedule group alone may take', () => {
    const role = JSON.stringify(
      ofType(template, 'AWS::IAM::Role').find((it) => JSON.stringify(it).includes('scheduler.amazonaws.com'))
        ?.Properties,
    )
    expect(role.match(/"Action":"lambda:InvokeFunction"/g)).toHaveLength(1)
    expect(role).toContain(':schedule-group/millrace')
    expect(only(template, 'AWS::Scheduler::ScheduleGroup').Properties.Name).toBe('millrace')
  })

  test('is not there when no processor has state', () => {
    expect(ofType(synth({ plan: planOf(refunds) }), 'AWS::Scheduler::Schedule')).toEqual([])
  })
})
