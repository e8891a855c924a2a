import type { InvocationReport, PartitionReport } from '../../shared/runtime/kafka-event.ts'
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

  /** Takes over what an invocation reports; returns the reports of partitions that are known. */
  note(report: InvocationReport): readonly PartitionReport[] {
    const known = report.partitions.filter(({ partition }) => this.cursors[partition])
    for (const each of known) {
      const cursor = this.cursors[each.partition]!
      cursor.totals = afterReport(cursor.totals, each, this.#options.stage.stateful)
    }
    return known
  }

  /** Commits all that was given out of these partitions. */
  commit(cursors: readonly Cursor[]): Promise<void> {
    return this.#store(cursors, (cursor) => cursor.given)
  }

  /** Stores new totals beside the offsets as they are. */
  async storeTotals(partitions: readonly number[]): Promise<void> {
    const cursors = partitions.map((partition) => this.cursors[partition]!)
    if (cursors.length > 0) await this.#store(cursors, (cursor) => cursor.committed)
  }

  totals(): Totals {
    return sumTotals(this.cursors.map((cursor) => cursor.totals))
  }

  openTimers(): number {
    return this.cursors.reduce((sum, cursor) => sum + cursor.totals.openTimers, 0)
  }

  #store(cursors: readonly Cursor[], offsetOf: (cursor: Cursor) => number): Promise<void> {
    const stored = this.#last.then(() => this.#storeNow(cursors, offsetOf))
    this.#last = stored.catch(() => undefined)
    return stored
  }

  async #storeNow(cursors: readonly Cursor[], offsetOf: (cursor: Cursor) => number): Promise<void> {
    const { broker, stage } = this.#options
    const offsets = cursors.map((cursor) => ({
      partition: cursor.partition,
      offset: offsetOf(cursor),
      metadata: totalsToMetadata(cursor.totals),
    }))
    await broker.commit(stage.group, stage.source.name, offsets)
    for (const [n, cursor] of cursors.entries()) cursor.commit(offsets[n]!.offset)
  }
}
