import { type Delay, delaysAt } from '../test/runtime/delay-of-log-counts.ts'
import { SOURCE_PARTITIONS } from '../test/runtime/log-counts.ts'
import type { BenchOptions } from './options.ts'
import { fixed, printHeading, printTable, whole } from './print.ts'

const MINUTE_MS = 60_000
const RATES = [
  { rate: 0.02, lengthMs: 240 * MINUTE_MS, seeds: 10 },
  { rate: 1, lengthMs: 30 * MINUTE_MS, seeds: 5 },
  { rate: 1_000, lengthMs: 4 * MINUTE_MS, seeds: 1 },
]

/** How long the results of the shipped `log-counts` take, by a clock that is moved by hand. */
export async function delaySection({ quick }: BenchOptions): Promise<void> {
  printHeading(
    'delay',
    `log-counts, two stages over ${SOURCE_PARTITIONS} source partitions, one service: windows of a minute, grace 10 s, idleAfter 60 s, a tick a minute.`,
    'Virtual time. Seconds from the last record of a window to its result; and from the end of the window.',
  )
  const rows: string[][] = []
  for (const { rate, lengthMs, seeds } of quick ? RATES.slice(0, 1) : RATES) {
    const running: Delay[] = []
    const silent: Delay[] = []
    for (let seed = 1; seed <= (quick ? 1 : seeds); seed++) {
      const delays = await delaysAt(rate, quick ? 10 * MINUTE_MS : lengthMs, seed)
      running.push(...delays.running)
      silent.push(...delays.silent)
    }
    rows.push(row(rate, 'while records come', running), row(rate, 'after the last record', silent))
  }
  printTable(['records a second', 'windows that close', 'windows', 'median', 'longest', 'from end', 'longest'], rows)
}

function row(rate: number, which: string, delays: readonly Delay[]): string[] {
  const seconds = (of: (delay: Delay) => number) => {
    const sorted = delays.map(of).sort((a, b) => a - b)
    return [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0].map((each) => fixed(each / 1_000, 0))
  }
  return [
    String(rate),
    which,
    whole(delays.length),
    ...seconds(({ fromRecordMs }) => fromRecordMs),
    ...seconds(({ fromEndMs }) => fromEndMs),
  ]
}
