import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { BESIDE_BARE_HEADS, besideBare } from '../beside-bare.ts'
import { transactionEvents } from '../data/events.ts'
import type { BenchOptions } from '../options.ts'
import { fixed, printHeading, printTable, whole } from '../print.ts'
import { spreadOf } from '../stats.ts'
import { commitBytes } from './bytes.ts'
import { type Kind, Partition, type PartitionSize } from './growth.ts'
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
    const { keys, windows } = scale
    growth(
      `Keys of a partition, one open ${kind} window each`,
      'keys',
      kind,
      keys,
      (n) => ({ keys: n, windows: 1, perCommit: 100 }),
      scale,
    )
    growth(
      `One key, open ${kind} windows`,
      'windows',
      kind,
      windows,
      (n) => ({ keys: 1, windows: n, perCommit: 1 }),
      scale,
    )
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

/**
 * The cost of a record by the size of the state. Sizes take turns, so that all meet the same machine. One record a commit
 * where one key is all there is: of several in the same window all but one would find it decoded, and write it for nothing.
 */
function growth(
  title: string,
  column: string,
  kind: Kind,
  sizes: readonly number[],
  stateOf: (size: number) => PartitionSize,
  { measured, rounds, warmUps }: Scale,
): void {
  const partitions = sizes.map((size) => new Partition(kind, stateOf(size)))
  const costs: number[][] = sizes.map(() => [])
  for (let round = 0; round < rounds + warmUps; round++)
    for (const [i, partition] of partitions.entries()) {
      const cost = partition.measure(measured)
      if (round >= warmUps) costs[i]!.push(cost)
    }
  const medians = costs.map((each) => spreadOf(each).median)
  const most = Math.max(...medians)
  console.log(`\n${title}, ${stateOf(1).perCommit} records a commit:`)
  printTable(
    [column, 'cells', 'µs a record', ''],
    sizes.map((size, i) => [
      whole(size),
      whole(partitions[i]!.cells),
      fixed(medians[i]!, 2),
      '#'.repeat(Math.max(1, Math.round((medians[i]! / most) * 30))).padEnd(30),
    ]),
  )
  console.log(`Largest to smallest: ${fixed(most / Math.min(...medians), 2)} (aim: at most 1.5).`)
}
