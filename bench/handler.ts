import { memoryJournalStore } from '../shared/journal/memory.ts'
import type { Stage } from '../shared/processor/index.ts'
import { stageHandler } from '../shared/runtime/handler.ts'
import type { KafkaEvent } from '../shared/runtime/kafka-event.ts'
import { transactionEvents } from './data/events.ts'
import type { BenchOptions } from './options.ts'
import { context, countingPorts, stageOf, TRANSACTION_PROCESSORS } from './parts.ts'
import { fixed, printHeading, printTable, whole } from './print.ts'
import { alternate, perSecond, ratios, spreadOf } from './stats.ts'

const BATCH_RECORDS = 10_000
// From 3 to 6 minutes of event time: a five-minute window of every card closes on the way.
const FULL = { batches: 30, records: BATCH_RECORDS, firstLine: 300_000, rounds: 9, warmUps: 2 }
const QUICK = { batches: 1, records: 500, firstLine: 0, rounds: 1, warmUps: 0 }
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
    `Batches of ${whole(scale.records)} transactions of about 180 bytes, over 12 partitions and 50,000 skewed cards; ${whole(count)} records a round.`,
    'Bare: base64 to text and JSON.parse of every value. Handler: decode, check, fold, commit to a journal in memory, publish to a sink that counts.',
    'Both take turns; each round has a new handler and an empty journal. Speeds are medians, ratio is handler to bare.',
  )
  const rows: string[][] = []
  for (const name of TRANSACTION_PROCESSORS) {
    const stage = stageOf(name)
    if (stage === undefined) console.log(`${name} is not in functions/index.ts: left out.`)
    else rows.push(await compared(stage, events, { ...scale, rounds: rounds ?? scale.rounds }, AIMS[name]))
  }
  printTable(['processor', 'bare rec/s', 'handler rec/s', 'ratio', 'min', 'max', 'aim', 'commits', 'outputs'], rows)
}

async function compared(
  stage: Stage,
  events: readonly KafkaEvent[],
  scale: { batches: number; records: number; rounds: number; warmUps: number },
  aim: number,
): Promise<string[]> {
  let done = { commits: 0, outputs: 0 }
  const durations = await alternate(
    scale,
    () => decodeBare(events),
    async () => {
      done = await handleAll(stage, events)
    },
  )
  const ratio = spreadOf(ratios(durations))
  const count = scale.batches * scale.records
  return [
    stage.id,
    whole(perSecond(count, spreadOf(durations.a).median)),
    whole(perSecond(count, spreadOf(durations.b).median)),
    fixed(ratio.median, 2),
    fixed(ratio.min, 2),
    fixed(ratio.max, 2),
    fixed(aim, 2),
    whole(done.commits),
    whole(done.outputs),
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

/** Gives the events, in order, to a new handler over an empty journal. */
export async function handleAll(
  stage: Stage,
  events: readonly KafkaEvent[],
): Promise<{ commits: number; outputs: number; read: number }> {
  const ports = countingPorts(memoryJournalStore())
  const handler = stageHandler(stage, ports)
  let commits = 0
  let read = 0
  for (const event of events) {
    const { partitions } = await handler(event, context)
    for (const partition of partitions) {
      commits += partition.commits
      read += partition.counts.read
    }
  }
  return { commits, read, outputs: ports.published.records + ports.published.rows }
}
