import { dynamoTableSink, ensureOutputTable, ROWS_IN_FLIGHT_MAX } from '../shared/sinks/dynamodb.ts'
import type { TableRow } from '../shared/sinks/sink.ts'
import { startDatabase } from './database.ts'
import type { BenchOptions } from './options.ts'
import { fixed, printHeading, printTable, whole } from './print.ts'
import { perSecond } from './stats.ts'

const TABLE = 'bench-rows'
const START_MS = Date.UTC(2026, 0, 1)

/** How fast rows of an output table are written, and what they cost. */
export async function tableSection({ quick, dynamodb }: BenchOptions): Promise<void> {
  const [different, same] = quick ? [100, 20] : [5_000, 1_000]
  const database = await startDatabase(dynamodb ?? 'dynalite')
  const sink = dynamoTableSink({ client: database.client })
  try {
    await ensureOutputTable(database.client, TABLE)
    printHeading(
      'table',
      `A to(table()) sink on ${database.name}: different rows go ${ROWS_IN_FLIGHT_MAX} at a time, one row in order.`,
      'A row that is refused as a repeat answers no units; DynamoDB bills its try like a write.',
    )
    const rows: string[][] = []
    const measure = async (what: string, written: readonly TableRow[]) => {
      const unitsBefore = sink.usage.writeUnits
      const startedAt = performance.now()
      const outcome = await sink.write(TABLE, written)
      const durationMs = performance.now() - startedAt
      const units = (sink.usage.writeUnits - unitsBefore) / written.length
      rows.push([
        what,
        whole(outcome.written),
        whole(outcome.refused),
        whole(perSecond(written.length, durationMs)),
        fixed(units, 2),
      ])
    }
    await sink.write(
      TABLE,
      rowsOf(Math.ceil(different / 10), 0, (n) => `warm-up-${n}`),
    )
    await measure('different rows, new', rowsOf(different, 1, cardOf))
    await measure('different rows, again', rowsOf(different, different + 1, cardOf))
    await measure('the same once more (repeats)', rowsOf(different, different + 1, cardOf))
    await measure(
      'one row',
      rowsOf(same, 1, () => 'card-of-its-own'),
    )
    printTable(['rows', 'written', 'refused', 'rows/s', 'write units a row'], rows)
  } finally {
    await database.close()
  }
}

const cardOf = (n: number): string => `card-${String(n).padStart(5, '0')}`

/** Results as card-spend puts them out, with growing sequence numbers. */
function rowsOf(count: number, firstSequence: number, keyOf: (n: number) => string): TableRow[] {
  return Array.from({ length: count }, (_, n) => {
    const window = { start: START_MS, end: START_MS + 300_000 }
    const key = keyOf(n)
    return {
      key,
      sort: `${String(window.start).padStart(16, '0')}/${String(window.end).padStart(16, '0')}`,
      value: JSON.stringify({ key, window, count: 12, total: 3_817.25, mean: 318.1041666666667 }),
      lane: 'card-spend.1.0',
      sequence: [firstSequence + n, 0],
      timeMs: window.end - 1,
    }
  })
}
