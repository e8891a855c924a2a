import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { required, wholeNumber } from './command-line.ts'
import { LineWriter, readLines } from './lines.ts'
import { OUTPUT_TOPICS, Reference, type Summary } from './outputs.ts'

/** Milliseconds an event time may be ahead of the clock. */
const CLOCK_AHEAD_MS = 60_000

/** Computes the outputs for a file of lines into `directory`, with a `summary.json`. */
export async function writeReference(input: string, directory: string, partitions: number): Promise<Summary> {
  mkdirSync(directory, { recursive: true })
  const writerOf = (topic: string) => new LineWriter(join(directory, `${topic}.ndjson`))
  const writers = new Map(OUTPUT_TOPICS.map((topic) => [topic, writerOf(topic)]))
  const reference = new Reference({
    partitions,
    latestAt: Date.now() + CLOCK_AHEAD_MS,
    emit: (topic, record) => writers.get(topic)?.write(record),
  })
  for await (const lines of readLines(input)) for (const line of lines) reference.add(line)
  const summary = reference.finish()
  for (const writer of writers.values()) writer.close()
  writeFileSync(join(directory, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  return summary
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      input: { type: 'string' },
      out: { type: 'string' },
      partitions: { type: 'string', default: '12' },
    },
  })
  const partitions = wholeNumber('partitions', values.partitions, 1)
  const input = required('input', values.input)
  const summary = await writeReference(input, required('out', values.out), partitions)
  console.log(JSON.stringify(summary))
}

if (import.meta.main) await main()
