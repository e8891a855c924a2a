import { ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import { newOffsets, transactionEvents } from '../data/events.ts'
import { type RunningDatabase, startDatabase } from '../database.ts'
import type { BenchOptions } from '../options.ts'
import { stageOf } from '../parts.ts'
import { fixed, percent, printHeading, printTable, whole } from '../print.ts'
import { perSecond } from '../stats.ts'
import { type Layout, updatePerKey, updatePerRecord } from './layouts.ts'
import { coldHandler, type JournalCost, measureCost } from './measure.ts'
import { splitStore } from './split-store.ts'

interface Scale {
  /** State is grown with so many batches of 10,000 before anything is counted. */
  readonly grown: number
  /** Batches that are counted, of the journal and of the other layouts, by the records of a batch. */
  readonly sizes: readonly { readonly records: number; readonly journal: number; readonly others: number }[]
}

// A bucket is due every 32 commits of a partition: the counts of the journal are whole rounds of that.
const FULL: Scale = {
  grown: 20,
  sizes: [
    { records: 1, journal: 12 * 192, others: 500 },
    { records: 100, journal: 192, others: 20 },
    { records: 10_000, journal: 32, others: 1 },
  ],
}
const QUICK: Scale = {
  grown: 1,
  sizes: [
    { records: 1, journal: 12, others: 4 },
    { records: 100, journal: 4, others: 1 },
  ],
}
const TABLE = 'bench-journal'

/** What state costs in writes and reads of the database, beside the two usual layouts. */
export async function journalSection({ quick, dynamodb }: BenchOptions): Promise<void> {
  const scale = quick ? QUICK : FULL
  const database = await startDatabase(dynamodb ?? 'dynalite')
  try {
    printHeading(
      'journal',
      `card-spend on ${database.name}, 12 partitions, after ${whole(scale.grown * 10_000)} records over 50,000 cards.`,
      'A partition and batch needs a commit. Reads are calls; units are DynamoDB’s, as it answers them.',
    )
    await journalTables(database, scale)
    await layoutTable(database, scale)
  } finally {
    await database.close()
  }
}

async function journalTables({ client }: RunningDatabase, { grown, sizes }: Scale): Promise<void> {
  await ensureJournalTable(client, TABLE)
  const store = splitStore({ client, table: TABLE })
  const stage = stageOf('card-spend')!
  const offsets = newOffsets()
  let firstLine = 0
  const next = (batches: number, records: number) => {
    const events = transactionEvents({ batches, records, firstLine, offsets })
    firstLine += batches * records
    return events
  }
  const rows: string[][] = []
  let handler = coldHandler(stage, store)
  await measureCost(handler, store, next(grown, 10_000))
  for (const { records, journal } of sizes) {
    // The first batches of a size are not counted: they find the state as the size before has left it.
    await measureCost(handler, store, next(2, records))
    rows.push(costRow(records, 'warm', await measureCost(handler, store, next(journal, records))))
    handler = coldHandler(stage, store)
    rows.push(costRow(records, 'cold', await measureCost(handler, store, next(1, records))))
  }
  printTable(
    [
      'journal: batches of',
      '',
      'records',
      'commits*',
      'most*',
      'other writes*',
      'reads*',
      'buckets',
      'units',
      'of buckets',
      'rec/s',
    ],
    rows,
  )
  console.log('* per partition and batch. Buckets: their rewrites, in percent of the commits.')
  console.log('Units: write units per 1,000 records, and those of the bucket rewrites among them.')
}

function costRow(batchRecords: number, how: 'warm' | 'cold', cost: JournalCost): string[] {
  const { records, partitionBatches, commits, commitsMax, usage, bucketUsage, durationMs } = cost
  const unitsPerThousand = (units: number) => fixed((units * 1_000) / records, 1)
  return [
    whole(batchRecords),
    how,
    whole(records),
    fixed(commits / partitionBatches, 3),
    whole(commitsMax),
    fixed((usage.writes - commits) / partitionBatches, 3),
    fixed(usage.reads / partitionBatches, 3),
    percent(bucketUsage.writes / commits),
    unitsPerThousand(usage.writeUnits + bucketUsage.writeUnits),
    unitsPerThousand(bucketUsage.writeUnits),
    whole(perSecond(records, durationMs)),
  ]
}

async function layoutTable({ client }: RunningDatabase, { sizes }: Scale): Promise<void> {
  const rows: string[][] = []
  for (const [n, layout] of [updatePerKey, updatePerRecord].entries())
    for (const { records, others } of sizes) {
      const table = `bench-sums-${n}-${records}`
      await ensureJournalTable(client, table)
      rows.push(await layoutRow(layout(client, table), records, others))
    }
  printTable(
    ['other layouts', 'records a batch', 'records', 'writes / 1,000 rec', 'write units / 1,000 rec', 'rec/s'],
    rows,
  )
  console.log('These keep sums only: no offsets, outputs or timers, and a batch that comes twice counts twice.')
}

async function layoutRow(layout: Layout, records: number, batches: number): Promise<string[]> {
  const events = transactionEvents({ batches, records })
  const startedAt = performance.now()
  let writes = 0
  let writeUnits = 0
  for (const event of events) {
    const cost = await layout.take(event)
    writes += cost.writes
    writeUnits += cost.writeUnits
  }
  const count = records * batches
  const durationMs = performance.now() - startedAt
  return [
    layout.name,
    whole(records),
    whole(count),
    whole((writes * 1_000) / count),
    whole((writeUnits * 1_000) / count),
    whole(perSecond(count, durationMs)),
  ]
}
