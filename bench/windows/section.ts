import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { BESIDE_BARE_HEADS, besideBare } from '../beside-bare.ts'
import { transactionEvents } from '../data/events.ts'
import type { BenchOptions } from '../options.ts'
import { fixed, printHeading, printTable, whole } from '../print.ts'
import { spreadOf } from '../stats.ts'
import { commitBytes } from './bytes.ts'
import { type Kind, Partition } from './growth.ts'
import { PlainMap } from './plain-map.ts'
import { windowStages } from './processors.ts'

// From 3 to 6 minutes of event time: windows of every card close on the way.
const FULL = {
  batches: 30,
  records: 10_000,
  firstLine: 300_000,
  rounds: 7,
  warmUps: 2,
  keys: [1_000, 5_000, 20_000, 50_000, 200_000],
  windows: [1, 10, 100, 1_000],
  measured: 20_000,
}
const QUICK = {
  ...FULL,
  batches: 1,
  records: 500,
  firstLine: 0,
  rounds: 1,
  warmUps: 0,
  keys: [10, 100],
  windows: [1, 10],
  measured: 100,
}
type Scale = typeof FULL

/** How fast each kind of window is, what it writes, and what many keys and many open windows cost. */
export async function windowsSection({ quick, rounds }: BenchOptions): Promise<void> {
  const scale: Scale = { ...(quick ? QUICK : FULL), ...(rounds !== undefined && { rounds }) }
  const events = transactionEvents(scale)
  printHeading(
    'windows',
    `Batches of ${whole(scale.records)} transactions over 12 partitions and 50,000 skewed cards; ${whole(scale.batches * scale.records)} records a round: count, sum, mean.`,
    'Whole handlers beside bare decoding of the same batches, as in the section "handler"; both take turns.',
  )
  const rows: string[][] = []
  for (const each of windowStages) rows.push(await compared(each, events, scale))
  printTable(['window', ...BESIDE_BARE_HEADS, 'aim', 'outputs', 'parked'], rows)
  printBytes(events)
  for (const kind of ['tumbling', 'session'] as const) {
    printKeys(kind, scale)
    printOpenWindows(kind, scale)
  }
}

async function compared(
  { stage, what, aim }: (typeof windowStages)[number],
  events: readonly KafkaEvent[],
  scale: Scale,
): Promise<string[]> {
  const { cells, done } = await besideBare(stage, events, scale)
  return [what, ...cells, fixed(aim, 2), whole(done.outputs), whole(done.parked)]
}

function printBytes(events: readonly KafkaEvent[]): void {
  console.log(
    '\nWhat commits hold for 1,000 records, in bytes: changed cells, and results; each as text and compressed alone.',
  )
  const measured = windowStages.map(({ stage, what }) => [what, commitBytes(stage, events)] as const)
  const tumbling = measured[0]![1]
  printTable(
    ['window', 'state', 'compressed', 'to tumbling', 'outbox', 'compressed', 'results a record'],
    measured.map(([what, bytes]) => [
      what,
      whole(bytes.state),
      whole(bytes.stateCompressed),
      fixed(bytes.state / tumbling.state, 2),
      whole(bytes.outbox),
      whole(bytes.outboxCompressed),
      fixed(bytes.results, 2),
    ]),
  )
}

/** Sizes take turns, so that all meet the same machine. @returns the medians of each size */
function measured({ rounds, warmUps }: Scale, measures: readonly (() => number)[]): number[] {
  const costs: number[][] = measures.map(() => [])
  for (let round = 0; round < rounds + warmUps; round++)
    for (const [i, measure] of measures.entries()) {
      const cost = measure()
      if (round >= warmUps) costs[i]!.push(cost)
    }
  return costs.map((each) => spreadOf(each).median)
}

/** The cost of a record by the number of keys, beside a plain map of as many, and what buckets add to it. */
function printKeys(kind: Kind, scale: Scale): void {
  const sizes = scale.keys
  const partitions = sizes.map((keys) => new Partition(kind, { keys, windows: 1, perCommit: 100 }))
  const maps = sizes.map((keys) => new PlainMap(keys))
  const costs = measured(scale, [
    ...partitions.map((partition) => () => partition.measure(scale.measured)),
    ...maps.map((map) => () => map.measure(scale.measured)),
    ...partitions.map((partition) => () => partition.measureUpkeep()),
  ])
  const [records, plain, upkeep] = [0, 1, 2].map((n) => costs.slice(n * sizes.length, (n + 1) * sizes.length))
  console.log(`\nKeys of a partition, one open ${kind} window each, 100 records a commit; in µs:`)
  printTable(
    ['keys', 'a record', 'to fewest', 'plain map', 'to fewest', 'buckets, a commit', ''],
    sizes.map((size, i) => [
      whole(size),
      fixed(records![i]!, 2),
      fixed(records![i]! / records![0]!, 2),
      fixed(plain![i]!, 2),
      fixed(plain![i]! / plain![0]!, 2),
      fixed(upkeep![i]!, 0),
      bar(records![i]!, records!),
    ]),
  )
  printSpan(records!)
  console.log(
    'Keys come in an order that jumps about: with more of them, what a record needs is less often in the caches of the',
  )
  console.log(
    'processor. A plain map of key to text, decoded and encoded, shows what any state that is kept as text pays for that.',
  )
  console.log(
    'Buckets are apart: all of the state is written once in half a round of the ring, so with the keys that grows.',
  )
}

/**
 * The cost of a record by the number of open windows of its key. One record a commit: of several in the same window all
 * but one would find it decoded, and write it for nothing.
 */
function printOpenWindows(kind: Kind, scale: Scale): void {
  const partitions = scale.windows.map((windows) => new Partition(kind, { keys: 1, windows, perCommit: 1 }))
  const costs = measured(
    scale,
    partitions.map((partition) => () => partition.measure(scale.measured)),
  )
  console.log(`\nOne key, open ${kind} windows, 1 record a commit; in µs:`)
  printTable(
    ['windows', 'a record', 'to fewest', ''],
    scale.windows.map((size, i) => [
      whole(size),
      fixed(costs[i]!, 2),
      fixed(costs[i]! / costs[0]!, 2),
      bar(costs[i]!, costs),
    ]),
  )
  printSpan(costs)
  console.log('A window is found among those of its key by halving: ten steps for 1,000 of them.')
}

const bar = (cost: number, costs: readonly number[]): string =>
  '#'.repeat(Math.max(1, Math.round((cost / Math.max(...costs)) * 30))).padEnd(30)

const printSpan = (costs: readonly number[]): void =>
  console.log(`Largest to smallest: ${fixed(Math.max(...costs) / Math.min(...costs), 2)} (aim: at most 1.5).`)
