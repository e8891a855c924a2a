import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareOutputs, describe as describeReport } from '../reference/compare.ts'
import { generateFile } from '../reference/generate.ts'
import { writeReference } from '../reference/reference.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from '../servers/dynamodb-local.ts'
import type { KafkaServer } from '../servers/kafka.ts'
import { startTemporaryKafka } from './kafka-under-test.ts'
import { type RunSummary, runLaptop } from './run.ts'

// RECORDS=1000000 is what the figures are measured with; a tenth of it finds the same mistakes in a tenth of the time.
const records = Number(process.env.RECORDS ?? 100_000)
const broken = 100
const kills = Number(process.env.KILLS ?? 10)
const flags = [
  '--topic',
  'transactions',
  '--processors',
  'large-transactions,card-spend,fraud-detection',
  '--exit',
  '--close-windows',
]

const dir = mkdtempSync(join(tmpdir(), 'millrace-pipeline-'))
const input = join(dir, 'transactions.ndjson')
const reference = join(dir, 'reference')

beforeAll(async () => {
  await generateFile(input, { records, seed: 1, cards: 50_000, broken })
  await writeReference(input, reference, 12)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function expectExact(outputDir: string, summary: RunSummary): Promise<void> {
  const report = await compareOutputs({ referenceDir: reference, outputDir })
  expect(report.equal, describeReport(report)).toBe(true)
  for (const [name, counts] of Object.entries(summary.processors)) {
    const { read, counted, filtered, late, parked, duplicatesDropped } = counts
    expect({ name, read, parked }).toEqual({ name, read: records, parked: broken })
    expect(counted + filtered + late + parked + duplicatesDropped).toBe(read)
  }
}

const figures = (summary: RunSummary): string =>
  `${records} records in ${(summary.elapsedMs / 1_000).toFixed(1)} s, peak memory ${(summary.peakRssBytes / 2 ** 20).toFixed(0)} MiB`

describe(`${records} transactions, ${broken} of them broken, through three processors`, () => {
  it('give what the batch reference computes, record for record, in this process alone', async () => {
    const output = join(dir, 'embedded')
    const summary = (await runLaptop(['--input', input, ...flags, '--output', output]))!
    console.log(`embedded: ${figures(summary)}`)
    await expectExact(output, summary)
    expect(summary.peakRssBytes).toBeLessThan(2 ** 30)
  }, 300_000)

  it(`give the same after ${kills} kills with SIGKILL at random moments, each followed by a new start`, async () => {
    const output = join(dir, 'killed')
    const all = ['--input', input, ...flags, '--data', join(dir, 'data'), '--output', output]
    const times: number[] = []
    for (let kill = 0; kill < kills; kill++) {
      const afterMs = Math.round(800 + Math.random() * (records / 100_000) * 2_500)
      times.push(afterMs)
      await runLaptop(all, afterMs)
    }
    const summary = (await runLaptop(all))!
    console.log(`killed after ${times.join(', ')} ms: ${figures(summary)} for the last run`)
    await expectExact(output, summary)
  }, 900_000)
})

describe('over a real Apache Kafka broker and DynamoDB Local', () => {
  let kafka: KafkaServer
  let database: DynamoDbLocal
  beforeAll(async () => {
    kafka = await startTemporaryKafka()
    database = await startDynamoDbLocal({ dir: join(dir, 'dynamodb') })
  })
  afterAll(async () => {
    await kafka?.stop()
    await database?.stop()
  })

  it('the same file gives the same results', async () => {
    const output = join(dir, 'real')
    const summary = (await runLaptop([
      '--input',
      input,
      ...flags,
      '--brokers',
      kafka.address,
      '--dynamodb',
      database.address,
      '--output',
      output,
    ]))!
    console.log(`real servers: ${figures(summary)}`)
    await expectExact(output, summary)
  }, 900_000)
})
