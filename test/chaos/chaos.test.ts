import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaBroker } from '../../shared/broker/kafka.ts'
import { connectionTo, startTemporaryKafka } from '../integration/kafka-under-test.ts'
import { runLaptop } from '../integration/run.ts'
import { compareOutputs, describe as describeReport } from '../reference/compare.ts'
import { generateFile } from '../reference/generate.ts'
import { mulberry32 } from '../reference/random.ts'
import { writeReference } from '../reference/reference.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from '../servers/dynamodb-local.ts'
import type { KafkaServer } from '../servers/kafka.ts'
import { startFeed } from './feeder.ts'
import { ProgressWatch } from './progress.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { Workers } from './workers.ts'

// The long form: CHAOS_RECORDS=1000000 CHAOS_SECONDS=600.
const records = Number(process.env.CHAOS_RECORDS ?? 100_000)
const seconds = Number(process.env.CHAOS_SECONDS ?? 120)
const seed = Number(process.env.CHAOS_SEED ?? 1)
const NODES = 3
const FAULT_EVERY_MS = 10_000
const OUTAGE_MS = 3_000
const names = ['large-transactions', 'card-spend', 'fraud-detection'] as const

const dir = mkdtempSync(join(tmpdir(), 'millrace-chaos-'))
const input = join(dir, 'transactions.ndjson')
const reference = join(dir, 'reference')
let kafka: KafkaServer
let database: DynamoDbLocal
let proxy: TcpProxy

beforeAll(async () => {
  await generateFile(input, { records, seed, cards: 50_000, broken: 100 })
  await writeReference(input, reference, 12)
  kafka = await startTemporaryKafka({ nodes: NODES })
  database = await startDynamoDbLocal({ dir: join(dir, 'dynamodb'), persist: true })
  const { hostname, port } = new URL(database.address)
  proxy = await startTcpProxy({ host: hostname, port: Number(port) })
})
afterAll(async () => {
  await proxy?.close()
  await database?.stop()
  await kafka?.stop()
  rmSync(dir, { recursive: true, force: true })
})

describe(`${records} transactions in ${seconds} s, while something fails every ${FAULT_EVERY_MS / 1_000} s`, () => {
  it('lose nothing and count nothing twice', async () => {
    const flags = ['--brokers', kafka.address, '--dynamodb', `http://127.0.0.1:${proxy.port}`]
    const all = ['--processors', names.join(','), '--events', '0', '--exit', ...flags]
    // Topics and tables, before anything fails.
    await runLaptop(all)
    const broker = kafkaBroker(connectionTo(kafka))
    const watch = new ProgressWatch(
      broker,
      'transactions',
      names.map((name) => `millrace.${name}.1.main`),
    )
    const workers = new Workers(flags)
    for (const name of names) workers.start(name)
    const feed = startFeed(connectionTo(kafka), input, records / seconds)
    let fed = false
    const done = feed.done.then(() => {
      fed = true
    })

    const faults = faultsOf(workers)
    const random = mulberry32(seed)
    const told: string[] = []
    for (let n = 0; !fed; n++) {
      await Promise.race([sleep(FAULT_EVERY_MS), done])
      if (fed) break
      // Each kind in turn, then at random.
      const [name, fail] = faults[n < faults.length ? n : Math.floor(random() * faults.length)]!
      const recovered = watch.recovery()
      await fail(random)
      told.push(`${name}: ${((await recovered) / 1_000).toFixed(1)} s`)
    }
    await done
    await workers.stop()
    await watch.stop()
    await broker.close()

    const output = join(dir, 'output')
    const summary = (await runLaptop([...all, '--close-windows', '--output', output]))!
    const report = await compareOutputs({ referenceDir: reference, outputDir: output })
    console.log(
      [
        `${feed.fed} records fed, ${told.length} faults, ${workers.starts} workers started.`,
        `Until some partition went on after each: ${told.join(', ')}.`,
        `Longest stall ${(watch.longestStallMs / 1_000).toFixed(1)} s.`,
        describeReport(report),
      ].join('\n'),
    )
    expect(report.equal, describeReport(report)).toBe(true)
    for (const name of ['card-spend', 'fraud-detection'] as const)
      expect(summary.processors[name]).toMatchObject({ read: records, parked: 100 })
  })
})

type Fault = readonly [name: string, fail: (random: () => number) => Promise<void>]

function faultsOf(workers: Workers): readonly Fault[] {
  const anyOf = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  return [
    ['worker killed', async (random) => workers.kill(anyOf(random, names))],
    ['database connections cut', async () => proxy.cut()],
    [
      'broker node killed and started',
      async (random) => {
        const node = Math.floor(random() * NODES)
        await kafka.kill(node)
        await sleep(OUTAGE_MS)
        await kafka.restart(node)
      },
    ],
    ['worker frozen, another one beside it', async (random) => workers.freeze(anyOf(random, names), OUTAGE_MS)],
    [
      'database killed and started',
      async () => {
        await database.kill()
        await sleep(OUTAGE_MS)
        await database.restart()
      },
    ],
    [
      'slow database',
      async () => {
        proxy.slowDown(300)
        await sleep(OUTAGE_MS)
        proxy.slowDown(0)
      },
    ],
    [
      'all workers killed',
      async () => {
        for (const name of names) workers.kill(name)
      },
    ],
  ]
}
