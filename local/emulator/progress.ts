import type { InvocationReport } from '../../shared/runtime/kafka-event.ts'
import type { Cursor } from './cursor.ts'
import type { MappingOptions } from './mapping.ts'
import { afterReport, sumTotals, type Totals, totalsToMetadata } from './totals.ts'

/** How far a mapping is: its cursors, and what it has committed of them. */
export class Progress {
  readonly cursors: readonly Cursor[]
  readonly #options: Pick<MappingOptions, 'broker' | 'stage'>
  // Commits go one after the other, so that an offset never moves back.
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: Pick<MappingOptions, 'broker' | 'stage'>, cursors: readonly Cursor[]) {
    this.#options = options
    this.cursors = cursors
  }

  /** Takes over what an invocation reports. */
  note({ partitions }: InvocationReport): void {
    for (const report of partitions) {
      const cursor = this.cursors[report.partition]
      if (cursor) cursor.totals = afterReport(cursor.totals, report, this.#options.stage.stateful)
    }
  }

  /** Commits all that was given out of these partitions. */
  commit(cursors: readonly Cursor[]): Promise<void> {
    const stored = this.#last.then(() => this.#store(cursors))
    this.#last = stored.catch(() => undefined)
    return stored
  }

  totals(): Totals {
    return sumTotals(this.cursors.map((cursor) => cursor.totals))
  }

  openTimers(): number {
    return this.cursors.reduce((sum, cursor) => sum + cursor.totals.openTimers, 0)
  }

  async #store(cursors: readonly Cursor[]): Promise<void> {
    const { broker, stage } = this.#options
    const offsets = cursors.map(({ partition, given, totals }) => ({
      partition,
      offset: given,
      metadata: totalsToMetadata(totals),
    }))
    await broker.commit(stage.group, stage.source.name, offsets)
    for (const [n, cursor] of cursors.entries()) cursor.commit(offsets[n]!.offset)
  }
}
