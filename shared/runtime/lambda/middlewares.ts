import type middy from '@middy/core'
import type { ControlEvent, InvocationReport, KafkaEvent } from '../kafka-event.ts'
import type { StageMetrics } from '../metrics.ts'
import type { Clock, Log } from '../ports.ts'
import { checkEvent, factsOf } from './events.ts'
import { presentable } from './failure.ts'

type Invocation = middy.Request<KafkaEvent | ControlEvent, InvocationReport>
/** One link of the chain around a handler; `before` in the order of use, the others in reverse. */
export type Middleware = Pick<
  middy.MiddlewareObj<KafkaEvent | ControlEvent, InvocationReport>,
  'before' | 'after' | 'onError'
>

/** Notes what comes in, and lets nothing but events pass. */
export const checksEvents = (log: Log): Middleware => ({
  before({ event }: Invocation) {
    log('debug', { what: 'invoked', ...factsOf(event) })
    checkEvent(event)
  },
})

/** Publishes the metrics of an invocation, also of one that fails: then of what it has done, and those that log events carried. */
export const publishesMetrics = (metrics: StageMetrics, clock: Clock): Middleware => ({
  after({ event, context, response }: Invocation) {
    metrics.addReport(response!, clock.nowMs())
    metrics.publish({ requestId: context.awsRequestId, kind: factsOf(event).kind })
  },
  onError({ event, context }: Invocation) {
    metrics.publish({ requestId: context.awsRequestId, kind: factsOf(event).kind })
  },
})

/** Logs a failure with its code and facts, and throws it on in a form that quotes no data. */
export const logsFailures = (log: Log): Middleware => ({
  onError(invocation: Invocation) {
    const failure = presentable(invocation.error)
    const { code, facts, retriable } = failure
    // A retriable one is part of normal life: the mapping delivers the batch again.
    log(retriable ? 'warn' : 'error', {
      what: 'invocation failed',
      code,
      retriable,
      facts,
      explanation: failure.message,
      ...factsOf(invocation.event),
    })
    // Not thrown here: middy would attach the original to it, and Lambda would log that.
    invocation.error = failure
  },
})
