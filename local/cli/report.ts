import Table from 'cli-table3'
import colors from 'picocolors'
import type { ProcessorSummary, Summary } from '../run/summary.ts'
import { duration, grouped, mebibytes } from './numbers.ts'

/** Columns, the most telling first: where there is no room for all, the last ones are left out. */
const COLUMNS: readonly (readonly [head: string, of: (processor: ProcessorSummary) => string])[] = [
  ['read', ({ read }) => grouped(read)],
  ['counted', ({ counted }) => grouped(counted)],
  ['filtered', ({ filtered }) => grouped(filtered)],
  ['late', ({ late }) => grouped(late)],
  ['parked', ({ parked }) => grouped(parked)],
  ['repeats', ({ duplicatesDropped }) => grouped(duplicatesDropped)],
  ['emitted', ({ emitted }) => grouped(emitted)],
  ['batches', ({ batches }) => grouped(batches)],
  ['p50 ms', ({ batchMs }) => batchMs.p50.toFixed(1)],
  ['p99 ms', ({ batchMs }) => batchMs.p99.toFixed(1)],
  ['commits', ({ commits }) => grouped(commits)],
  ['db writes', ({ dynamodb }) => grouped(dynamodb.writes)],
  ['db reads', ({ dynamodb }) => grouped(dynamodb.reads)],
]
/** Reading and its fates, which add up to it, are shown however narrow the terminal. */
const COLUMNS_MIN = 7

// A line under the head, and space between the columns.
const FRAME = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((part) => [part, part === 'middle' ? '  ' : '']),
)

const LAW = 'Every record read is counted, filtered, late, parked or a dropped repeat: the five add up.'

/**
 * The summary for people: a table and a few sentences.
 * @param width of the terminal in characters; undefined: no terminal, so all columns
 */
export function reportText(summary: Summary, width = Number.POSITIVE_INFINITY): string {
  const { produced, elapsedMs, recordsPerSecond, peakRssBytes, problems } = summary
  return [
    tableText(summary, width),
    '',
    `${grouped(produced)} records produced in ${duration(elapsedMs)}, ${grouped(recordsPerSecond)} read per second over all processors, at most ${mebibytes(peakRssBytes)} of memory.`,
    ...(problems.length > 0 ? problems.map((problem) => colors.red(`Does not add up: ${problem}`)) : [LAW]),
    ...openLines(summary),
  ].join('\n')
}

function tableText({ processors }: Summary, width: number): string {
  for (let columns = COLUMNS.length; ; columns--) {
    const shown = COLUMNS.slice(0, columns)
    const table = new Table({
      head: ['processor', ...shown.map(([head]) => head)],
      chars: FRAME,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      colAligns: ['left', ...shown.map(() => 'right' as const)],
    })
    for (const [name, processor] of Object.entries(processors))
      table.push([name, ...shown.map(([, textOf]) => textOf(processor))])
    const [head, ...rows] = table.toString().split('\n')
    if (head!.length <= width || columns === COLUMNS_MIN) return [colors.dim(head!), ...rows].join('\n')
  }
}

/** A newcomer wonders why a processor with windows has put out nothing. */
function openLines({ processors }: Summary): string[] {
  const open = Object.entries(processors).filter(([, { openTimers }]) => openTimers > 0)
  if (open.length === 0) return []
  const parts = open.map(([name, { openTimers }]) => `${name} ${grouped(openTimers)}`)
  return [
    `Still open, waiting for later records: ${parts.join(', ')}. With --exit --close-windows they are put out too.`,
  ]
}
