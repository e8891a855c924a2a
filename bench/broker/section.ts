import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../../test/servers/kafka.ts'
import { askChild } from '../ask-child.ts'
import { startDatabase } from '../database.ts'
import type { BenchOptions } from '../options.ts'
import { stageOf, TRANSACTION_PROCESSORS } from '../parts.ts'
import { fixed, printHeading, printTable, whole } from '../print.ts'
import { perSecond, spreadOf } from '../stats.ts'
import { computations } from './computations.ts'
import { type Digest, endsOf, expectedOf, writtenSince } from './exact.ts'
import { feed } from './feed.ts'
import type { RunRequest, RunResult, Way } from './run.ts'

const ROUNDS = 2
/** Those that ship, and windows that cost more than the tumbling ones of card-spend. */
const PROCESSORS = [...TRANSACTION_PROCESSORS, 'bench-hopping', 'bench-session']
const WAYS = ['millrace', 'plain, same fetch', 'plain, client’s stream'] as const

/** End to end over Apache Kafka and a database, beside a loop written by hand. */
export async function brokerSection({ quick, dynamodb, records, rounds }: BenchOptions): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const kafka = await startKafka({ dir })
  const database = await startDatabase(dynamodb ?? 'local')
  try {
    printHeading(
      'broker',
      `${whole(records)} transactions of about 180 bytes in 12 partitions of Apache Kafka; journal in ${database.name}.`,
      'From the first record to the last output acknowledged, windows closed at the end. Each run is a process of its own;',
      'CPU is that process’s alone, the emulated event source mapping in it. Plain: the same results from Maps in memory.',
      'Exact: each output is read back, and is one that the loop would put out. Hopping: 10 min by 1 min. Session: 30 min.',
    )
    await feed(kafka.address, records)
    const place = { brokers: kafka.address, databaseEndpoint: database.endpoint, records }
    for (const processor of PROCESSORS)
      if (stageOf(processor) || processor.startsWith('bench-'))
        await compare(processor, place, rounds ?? (quick ? 1 : ROUNDS))
      else console.log(`${processor} is not in functions/index.ts: left out.`)
  } finally {
    await Promise.all([database.close(), kafka.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}

type Place = Pick<RunRequest, 'brokers' | 'databaseEndpoint' | 'records'>

async function compare(processor: string, place: Place, rounds: number): Promise<void> {
  const results = new Map<Way, RunResult[]>(WAYS.map((way) => [way, []]))
  const expected = expectedOf(processor, place.records)
  const differs = new Map<Way, number>()
  const { topic } = computations[processor]!
  for (let round = 1; round <= rounds; round++)
    for (const [n, way] of WAYS.entries()) {
      const name = `${processor}-${round}-${n}`
      const before = await endsOf(place.brokers, topic)
      results
        .get(way)!
        .push(await askChild<RunResult>(new URL('child.ts', import.meta.url), { ...place, way, processor, name }))
      const written = await writtenSince(place.brokers, topic, before)
      if (!same(written, expected)) differs.set(way, written.count - expected.count)
    }
  const medians = new Map(WAYS.map((way) => [way, spreadOf(results.get(way)!.map(speedOf)).median]))
  const rows = WAYS.map((way) => [
    ...row(way, results.get(way)!, medians.get('millrace')! / medians.get(way)!),
    differs.has(way) ? `no (${differs.get(way)})` : 'yes',
  ])
  printTable(
    [processor, 'rec/s', 'min', 'max', 'rec / CPU s', 'millrace is', 'read', 'outputs', 'RSS MiB', 'exact'],
    rows,
  )
}

const same = (a: Digest, b: Digest): boolean => a.count === b.count && a.sum === b.sum

const speedOf = ({ read, durationMs }: RunResult): number => perSecond(read, durationMs)

function row(way: Way, results: readonly RunResult[], ratio: number): string[] {
  const speed = spreadOf(results.map(speedOf))
  const { read, outputs } = results.at(-1)!
  return [
    way,
    whole(speed.median),
    whole(speed.min),
    whole(speed.max),
    whole(spreadOf(results.map(({ read, cpuMs }) => perSecond(read, cpuMs))).median),
    way === 'millrace' ? '' : `× ${fixed(ratio, 2)}`,
    whole(read),
    whole(outputs),
    whole(Math.max(...results.map(({ rssBytes }) => rssBytes)) / 2 ** 20),
  ]
}
