import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../infra/bundle.ts'
import { ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import type { InvocationReport } from '../../shared/runtime/kafka-event.ts'
import { startDynalite } from '../journal/dynalite.ts'
import { sample } from './harness.ts'

const BYTES_MAX = 1_500_000
const JOURNAL = 'millrace-journal'
const run = promisify(execFile)

/** As a function's environment is, without anything of this machine. */
const environment = {
  MILLRACE_BROKERS: '127.0.0.1:1',
  MILLRACE_AUTH: 'iam',
  MILLRACE_JOURNAL_TABLE: JOURNAL,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'nobody',
  AWS_SECRET_ACCESS_KEY: 'nothing',
  AWS_SESSION_TOKEN: 'none',
}

const program = `
const { handler } = await import(process.argv[1])
for (const event of JSON.parse(process.argv[2])) {
  const report = await handler(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 60000 })
  console.log('REPORT ' + JSON.stringify(report))
}
process.exit(0)`

describe('the bundle that is deployed', { timeout: 60_000 }, () => {
  let build = ''
  let database: Awaited<ReturnType<typeof startDynalite>>

  beforeAll(async () => {
    build = mkdtempSync(join(tmpdir(), 'millrace-lambda-'))
    bundle('processors', build)
    database = await startDynalite()
    await ensureJournalTable(database.client, JOURNAL)
  }, 60_000)
  afterAll(async () => {
    rmSync(build, { recursive: true, force: true })
    await database.stop()
  })

  /** A fresh process that knows only the bundle, as Lambda starts it. */
  async function lambda(stage: string, events: readonly unknown[], more: object = {}): Promise<InvocationReport[]> {
    const entry = pathToFileURL(join(build, 'processors/index.mjs')).href
    const { stdout } = await run(
      process.execPath,
      ['--input-type=module', '-e', program, entry, JSON.stringify(events)],
      { cwd: build, env: { ...environment, MILLRACE_STAGE: stage, ...more } },
    )
    return [...stdout.matchAll(/^REPORT (.*)$/gm)].map(([, report]) => JSON.parse(report!) as InvocationReport)
  }

  test('is below 1.5 MB', () => {
    const files = readdirSync(join(build, 'processors'))
    const bytes = files.reduce((sum, file) => sum + statSync(join(build, 'processors', file)).size, 0)
    expect(bytes).toBeLessThan(BYTES_MAX)
  })

  test('starts every stage without connecting to anything', async () => {
    for (const stage of ['large-transactions', 'log-counts-rekey', 'fraud-detection'])
      expect(await lambda(stage, [{ eventSource: 'aws:kafka', records: {} }])).toEqual([
        { stage, kind: 'batch', partitions: [] },
      ])
  })

  test('filters', async () => {
    const { records, ...rest } = sample('msk-transactions') as { records: Record<string, object[]> }
    const event = { ...rest, records: { 'transactions-7': [records['transactions-7']![1]] } }
    const [report] = await lambda('large-transactions', [event])
    expect(report!.partitions[0]).toMatchObject({ partition: 7, offset: 1, counts: { read: 1, filtered: 1 } })
  })

  test('keeps state in DynamoDB, and a fresh process finds it there', async () => {
    const { records, ...rest } = sample('msk-transactions') as { records: Record<string, object[]> }
    const event = (...of: object[]) => ({ ...rest, records: { 'transactions-7': of } })
    const [first, second] = records['transactions-7']!
    const { endpoint } = database.client.config
    const { hostname, port } = (await endpoint!()) as { hostname: string; port?: number }
    const there = { AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}` }
    const before = await lambda('card-spend', [event(first!), event(second!)], there)
    expect(before.map(({ partitions }) => partitions[0]!.totals.counted)).toEqual([1, 2])
    const after = await lambda('card-spend', [event(first!, second!)], there)
    expect(after[0]!.partitions[0]).toMatchObject({ offset: 1, commits: 0, totals: { counted: 2 }, openTimers: 1 })
  })

  test('says what is missing before the first event', async () => {
    await expect(lambda('card-spend', [], { MILLRACE_JOURNAL_TABLE: '' })).rejects.toThrow(/SETTING_MISSING/)
    await expect(lambda('cardspend', [])).rejects.toThrow(/STAGE_UNKNOWN/)
  })
})
