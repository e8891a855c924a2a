import { count, minutes, processor, seconds, tumbling } from '#millrace'
import { logCounts, logs } from './topics.ts'

/** How many lines each service logs per level and minute. Logs are keyed by host: keyBy moves them to their service. */
export const logCountsProcessor = processor('log-counts')
  .from(logs)
  .keyBy((log) => [log.service, log.level])
  .window(tumbling(minutes(1)).grace(seconds(10)))
  .aggregate({ count: count() })
  .emit('final')
  .to(logCounts)
