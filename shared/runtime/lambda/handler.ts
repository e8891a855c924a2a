import middy from '@middy/core'
import type { Stage } from '../../processor/plan-types.ts'
import { type StageHandler, stageHandler } from '../handler.ts'
import type { ControlEvent, InvocationReport, KafkaEvent } from '../kafka-event.ts'
import { type StageMetrics, stageMetrics } from '../metrics.ts'
import type { Log, Ports } from '../ports.ts'
import { checksEvents, logsFailures, publishesMetrics } from './middlewares.ts'

/**
 * The handler of a stage as Lambda calls it: its work, wrapped in a check of the event, metrics, and a log of failures.
 * Resolves only when all of the event is committed and published.
 */
export function lambdaHandler(
  stage: Stage,
  ports: Ports,
  metrics: StageMetrics = stageMetrics(stage.id),
): StageHandler {
  let requestId = ''
  const log: Log = (level, { metrics: carried, ...facts }) => {
    if (typeof carried === 'object' && carried !== null) metrics.addEvent(carried as Record<string, unknown>)
    ports.log(level, { ...facts, requestId })
  }
  const work = stageHandler(stage, { ...ports, log }, (report) => metrics.addReport(report, ports.clock.nowMs()))
  // The runtime's own deadline guard ends in time with everything committed; middy's would leave work under way.
  const handler = middy<KafkaEvent | ControlEvent, InvocationReport>(work, { timeoutEarlyInMillis: 0 })
  handler
    .before(({ context }) => {
      requestId = context.awsRequestId
    })
    .use(publishesMetrics(metrics, ports.clock))
    .use(logsFailures(log))
    .use(checksEvents(log))
  return handler as unknown as StageHandler
}
