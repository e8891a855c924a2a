import { logCountsProcessor } from '../../functions/log-counts.ts'
import { type logCounts, logs } from '../../functions/topics.ts'
import type { Counts } from '../../shared/engine/counts.ts'
import type { TableSink } from '../../shared/sinks/sink.ts'
import { Rig } from './rig.ts'

const [UPSTREAM, MAIN] = ['log-counts-rekey', 'log-counts']
export const TICK_MS = 60_000
export const SOURCE_PARTITIONS = logs.partitions
export const BATCH_WINDOW_MS = 1_000
const START_MS = 1_800_000_000_000

/** The numbers of the declaration that delays come from. */
export const declared = { sizeMs: 60_000, graceMs: 10_000, idleAfterMs: 60_000 }

/** A final result: of which window, of how many records, and when it stood in the table by the clock. */
export interface Closed {
  readonly service: string
  readonly endMs: number
  readonly count: number
  readonly putMs: number
}

/**
 * Both stages of the shipped `log-counts`, with a clock moved by hand: every second (the batch window) each stage is given
 * what has come in, and every minute the tick comes. Times are ms since the start, which is the start of a window.
 */
export class LogCounts {
  nowMs = 0
  readonly closed: Closed[] = []
  late = 0
  /** Source partitions that the first stage does not get to at present. */
  readonly stuck = new Set<number>()
  readonly #rig: Rig
  readonly #tickAtMs: number
  readonly #stages: Record<string, ReturnType<Rig['environment']>>
  readonly #next = new Map<string, number[]>()

  private constructor(rig: Rig, tickAtMs: number) {
    this.#rig = rig
    this.#tickAtMs = tickAtMs
    this.#stages = {
      [UPSTREAM]: rig.environment(UPSTREAM),
      [MAIN]: rig.environment(MAIN, ({ tables }) => ({ tables: this.#watched(tables) })),
    }
  }

  /** `tickAtMs`: at which moment of its minute the tick comes. */
  static async start(tickAtMs = 0): Promise<LogCounts> {
    return new LogCounts(await Rig.of([logCountsProcessor], { nowMs: START_MS }), tickAtMs)
  }

  /** A line of a log arrives now; `atMs`: its own time, where that is another. */
  log(partition: number, service: string, atMs = this.nowMs): void {
    const value = { host: `host-${partition}`, service, level: 'INFO', message: 'm', at: START_MS + atMs }
    this.#rig.append(logs.name, partition, value.host, value)
  }

  /** Lets a second pass: the stage behind sees what the one before it has written a second later. */
  async second(): Promise<void> {
    this.nowMs += BATCH_WINDOW_MS
    this.#rig.nowMs = START_MS + this.nowMs
    await this.#read(MAIN)
    await this.#read(UPSTREAM)
    if (this.nowMs % TICK_MS === this.#tickAtMs) this.#count(await this.#stages[MAIN]!({ millrace: 'tick' }))
  }

  async seconds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.second()
  }

  async #read(id: string): Promise<void> {
    const { source } = this.#rig.stage(id)
    const next = this.#next.get(id) ?? Array.from({ length: source.partitions }, () => 0)
    this.#next.set(id, next)
    const ends = await this.#rig.broker.endOffsets(source.name)
    for (const [partition, end] of ends.entries()) {
      if (next[partition] === end || (id === UPSTREAM && this.stuck.has(partition))) continue
      this.#count(await this.#stages[id]!(await this.#rig.batch(id, partition, next[partition], end)))
      next[partition] = end
      await this.#rig.commit(id, partition, end)
    }
  }

  #count({ partitions }: { partitions: readonly { counts: Counts }[] }): void {
    for (const { counts } of partitions) this.late += counts.late
  }

  #watched(tables: TableSink): TableSink {
    return {
      ...tables,
      write: async (table, rows) => {
        for (const { value } of rows) {
          const { key, window, count } = JSON.parse(value!) as RowOfLogCounts
          this.closed.push({ service: key[0], endMs: window.end - START_MS, count, putMs: this.nowMs })
        }
        return tables.write(table, rows)
      },
    }
  }
}

type RowOfLogCounts = NonNullable<(typeof logCounts)['__row']>
