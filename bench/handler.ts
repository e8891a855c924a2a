import { memoryJournalStore } from '../shared/journal/memory.ts'
import type { Stage } from '../shared/processor/index.ts'
import { type StageHandler, stageHandler } from '../shared/runtime/handler.ts'
import type { KafkaEvent } from '../shared/runtime/kafka-event.ts'
import { transactionEvents } from './data/events.ts'
import type { BenchOptions } from './options.ts'
import { context, countingPorts, stageOf, TRANSACTION_PROCESSORS } from './parts.ts'
import { fixed, printHeading, printTable, whole } from './print.ts'
import { profileColumns, profileOf } from './profile.ts'
import { alternate, perSecond, ratios, spreadOf, type Took } from './stats.ts'

const BATCH_RECORDS = 10_000
// From 3 to 6 minutes of event time: a five-minute window of every card closes on the way.
const FULL = { batches: 30, records: BATCH_RECORDS, firstLine: 300_000, rounds: 9, warmUps: 2, profileRounds: 3 }
const QUICK = { batches: 1, records: 500, firstLine: 0, rounds: 1, warmUps: 0, profileRounds: 1 }
const AIMS: Record<(typeof TRANSACTION_PROCESSORS)[number], number> = {
  'large-transactions': 0.7,
  'card-spend': 0.45,
  'fraud-detection': 0.4,
}

/** How fast the whole handler is beside bare decoding of the same batches. */
export async function handlerSection({ quick, rounds }: BenchOptions): Promise<void> {
  const scale = quick ? QUICK : FULL
  const events = transactionEvents(scale)
  const count = scale.batches * scale.records
  printHeading(
    'handler',
    `Batches of ${whole(scale.records)} transactions of 180 bytes (half of them not ASCII), over 12 partitions and 50,000 skewed cards; ${whole(count)} records a round.`,
    'Bare: base64 to text and JSON.parse of every value. Handler: decode, check, fold, commit to a journal in memory, publish to a sink that counts.',
    'Both take turns; each round has a new handler and an empty journal. Speeds are medians; ratio is handler to bare, by CPU the same of processor time.',
  )
  const rows: string[][] = []
  const profiles: string[][] = []
  for (const name of TRANSACTION_PROCESSORS) {
    const stage = stageOf(name)
    if (stage === undefined) console.log(`${name} is not in functions/index.ts: left out.`)
    else {
      rows.push(await compared(stage, events, { ...scale, rounds: rounds ?? scale.rounds }, AIMS[name]))
      profiles.push(await profileOf(stage, events, scale.profileRounds, () => handleAll(stage, events)))
    }
  }
  printTable(
    ['processor', 'bare rec/s', 'handler rec/s', 'ratio', 'min', 'max', 'by CPU', 'aim', 'commits', 'outputs'],
    rows,
  )
  console.log('\nWhere it goes, in microseconds per record: parts timed by themselves, medians; decode is')
  console.log(
    'without schema; cells: to JSON; body: of the commit; rest: publish, journal, buckets, steps without state.',
  )
  printTable(profileColumns, profiles)
}

async function compared(
  stage: Stage,
  events: readonly KafkaEvent[],
  scale: { batches: number; records: number; rounds: number; warmUps: number },
  aim: number,
): Promise<string[]> {
  // Held while the next round begins: without any state left, the shapes of its objects would be forgotten, and the code
  // that was compiled for them. In a function that runs on, that never happens.
  let done: Handled | undefined
  const durations = await alternate(
    scale,
    () => decodeBare(events),
    async () => {
      done = await handleAll(stage, events)
    },
  )
  const ratio = spreadOf(ratios(durations, 'durationMs'))
  const count = scale.batches * scale.records
  const speed = (tooks: readonly Took[]) =>
    whole(perSecond(count, spreadOf(tooks.map(({ durationMs }) => durationMs)).median))
  return [
    stage.id,
    speed(durations.a),
    speed(durations.b),
    fixed(ratio.median, 2),
    fixed(ratio.min, 2),
    fixed(ratio.max, 2),
    fixed(spreadOf(ratios(durations, 'cpuMs')).median, 2),
    fixed(aim, 2),
    whole(done!.commits),
    whole(done!.outputs),
  ]
}

/** The least that any handler does with a batch. @returns something made of every value, so that none is left out */
export function decodeBare(events: readonly KafkaEvent[]): number {
  let sum = 0
  for (const { records } of events)
    for (const list of Object.values(records))
      for (const { value } of list) sum += JSON.parse(Buffer.from(value!, 'base64').toString()).amount
  return sum
}

/** What a handler has done, and the handler itself: as long as it is held, so is its state. */
export interface Handled {
  readonly handler: StageHandler
  readonly read: number
  readonly commits: number
  readonly outputs: number
  readonly parked: number
  readonly partialMatchesDropped: number
}

/** Gives the events, in order, to a new handler over an empty journal. */
export async function handleAll(stage: Stage, events: readonly KafkaEvent[]): Promise<Handled> {
  const ports = countingPorts(memoryJournalStore())
  const handler = stageHandler(stage, ports)
  let commits = 0
  let read = 0
  let parked = 0
  let partialMatchesDropped = 0
  for (const event of events) {
    const { partitions } = await handler(event, context)
    for (const partition of partitions) {
      commits += partition.commits
      read += partition.counts.read
      parked += partition.counts.parked
      partialMatchesDropped += partition.counts.partialMatchesDropped
    }
  }
  const outputs = ports.published.records + ports.published.rows
  return { handler, commits, read, outputs, parked, partialMatchesDropped }
}
