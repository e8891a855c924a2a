import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { required } from './command-line.ts'
import { type Difference, type Row, RowBalance } from './multiset.ts'
import { OUTPUT_TOPICS, type Summary } from './outputs.ts'
import { dropDuplicates, readJsonLines, type Written } from './written.ts'

const PARKED_TOPIC = 'millrace-parked'
const PROCESSORS = ['large-transactions', 'card-spend', 'fraud-detection']
const EXAMPLES = 3

/** Where the reference is, and where what was put out. */
export interface CompareOptions {
  readonly referenceDir: string
  readonly outputDir: string
}

/** How a topic compares; `got` is without the duplicates. The first 3 errors are given, all are counted. */
export interface TopicReport extends Difference {
  readonly topic: string
  readonly expected: number
  readonly got: number
  readonly duplicates: number
  readonly errorCount: number
  readonly errors: string[]
}

/** How everything compares. `equal` is whether nothing differs and there are no errors. */
export interface ComparisonReport {
  readonly equal: boolean
  readonly topics: TopicReport[]
}

/** Compares what was put out with the reference, topic by topic and the parked records by reason. */
export async function compareOutputs({ referenceDir, outputDir }: CompareOptions): Promise<ComparisonReport> {
  const topics: TopicReport[] = []
  for (const topic of OUTPUT_TOPICS) {
    const expected = (await readJsonLines(join(referenceDir, `${topic}.ndjson`))) as Row[]
    topics.push(compareTopic(topic, expected, await readWritten(outputDir, topic)))
  }
  const summary = JSON.parse(await readFile(join(referenceDir, 'summary.json'), 'utf8')) as Summary
  topics.push(compareParked(summary, await readWritten(outputDir, PARKED_TOPIC)))
  return { equal: topics.every(isEqual), topics }
}

/** A topic that nothing was written to need not have a file. */
async function readWritten(directory: string, topic: string): Promise<Written[]> {
  const file = join(directory, `${topic}.ndjson`)
  return existsSync(file) ? ((await readJsonLines(file)) as Written[]) : []
}

function isEqual({ missing, unexpected, errorCount }: TopicReport): boolean {
  return missing === 0 && unexpected === 0 && errorCount === 0
}

/** Compares one topic as multisets of key, value and timestamp; `toRow` says what counts of a row got. */
export function compareTopic(
  topic: string,
  expected: readonly Row[],
  written: readonly Written[],
  toRow: (written: Written) => Row = (row) => row,
): TopicReport {
  const { rows, duplicates, errors } = dropDuplicates(written)
  const balance = new RowBalance()
  for (const row of expected) balance.expect(row)
  for (const row of rows) balance.got(toRow(row))
  const counts = { expected: expected.length, got: rows.length, duplicates, errorCount: errors.length }
  return { topic, ...counts, ...balance.difference(), errors: errors.slice(0, EXAMPLES) }
}

/** Compares how often each processor parked for each reason: all of them must park the same lines. */
export function compareParked(summary: Summary, written: readonly Written[]): TopicReport {
  const expected = PROCESSORS.flatMap((processor) =>
    Object.entries(summary.parkedByReason).flatMap(([reason, count]) =>
      Array.from({ length: count }, () => parkedRow(processor, reason)),
    ),
  )
  return compareTopic(PARKED_TOPIC, expected, written, ({ value }) => {
    const { processor, reason } = (value ?? {}) as Record<string, unknown>
    return parkedRow(processor, reason)
  })
}

function parkedRow(processor: unknown, reason: unknown): Row {
  return { key: processor, value: reason, timestamp: null }
}

/** The report in words, a line for each topic and for each example. */
export function describe({ equal, topics }: ComparisonReport): string {
  return [...topics.flatMap(describeTopic), equal ? 'equal' : 'DIFFERENT'].join('\n')
}

function describeTopic(report: TopicReport): string[] {
  const { topic, expected, got, duplicates, missing, unexpected, errorCount } = report
  return [
    `${topic}: expected ${expected}, got ${got}, duplicates dropped ${duplicates}, ` +
      `missing ${missing}, unexpected ${unexpected}, errors ${errorCount}`,
    ...report.missingExamples.map((row) => `  missing ${JSON.stringify(row)}`),
    ...report.unexpectedExamples.map((row) => `  unexpected ${JSON.stringify(row)}`),
    ...report.errors.map((error) => `  error ${error}`),
  ]
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { reference: { type: 'string' }, output: { type: 'string' } } })
  const report = await compareOutputs({
    referenceDir: required('reference', values.reference),
    outputDir: required('output', values.output),
  })
  console.log(describe(report))
  if (!report.equal) process.exitCode = 1
}

if (import.meta.main) await main()
