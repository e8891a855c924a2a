import { processors } from '../../functions/index.ts'
import { plan } from '../processor/plan.ts'
import { lambdaHandler } from './lambda/handler.ts'
import { lambdaPorts } from './lambda/ports.ts'
import { settingsFrom } from './lambda/settings.ts'

/**
 * What Lambda loads: all stages share this one bundle, and the environment says which stage a function is.
 * Everything here runs once per environment, before the first invocation; clients connect when they are first used.
 *
 * Environment: `MILLRACE_STAGE` (stage id), `MILLRACE_BROKERS` (`host:port,…`), `MILLRACE_AUTH` (`iam` or `none`),
 * `MILLRACE_JOURNAL_TABLE` (stages with state), `AWS_REGION` (set by Lambda).
 */
const settings = settingsFrom(process.env, plan(processors))

export const handler = lambdaHandler(settings.stage, await lambdaPorts(settings))
