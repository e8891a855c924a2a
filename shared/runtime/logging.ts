import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from './ports.ts'

/**
 * The log of a function: one JSON line per event, to stdout and stderr themselves, in the shape that Lambda's JSON log
 * format leaves as it is. The level is the function's own setting.
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 */
export function powertoolsLog(stage: string): Log {
  const logger = new Logger({ serviceName: stage })
  return (level, { what, ...facts }) => logger[level](String(what ?? 'event'), facts)
}
