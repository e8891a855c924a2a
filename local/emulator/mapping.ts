import type { Broker } from '../../shared/broker/broker.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { ControlEvent, InvocationReport } from '../../shared/runtime/kafka-event.ts'
import type { Clock } from './clock.ts'
import type { StageHandler } from './environment.ts'
import type { EventSource } from './event-builder.ts'
import type { Faults } from './faults.ts'
import type { MappingSettings } from './settings.ts'
import { SourceMapping } from './source-mapping.ts'
import { afterReport, sumTotals, type Totals, totalsFromMetadata, totalsToMetadata, zeroTotals } from './totals.ts'

export interface MappingOptions {
  readonly stage: Pick<Stage, 'id' | 'group' | 'stateful'> & {
    readonly source: Pick<Stage['source'], 'name'>
    readonly deployment: Pick<Stage['deployment'], 'timeoutMs'>
  }
  readonly broker: Broker
  readonly clock: Clock
  /** Makes the function, once for each environment. */
  readonly newHandler: () => StageHandler
  readonly eventSource: EventSource
  readonly settings: MappingSettings
  readonly faults?: Faults
  /** Told of each failed attempt: of the function, or to reach the broker. */
  readonly onError?: (error: unknown, attempt: number) => void
}

/**
 * The mapping of a stage. What it adds to {@link SourceMapping}: the counts of a stateless stage ride in the committed
 * offset's metadata, so that they move with it. A stage with state has them in its journal, from where its function
 * reports them.
 */
export class Mapping {
  readonly #stateful: boolean
  readonly #mapping: SourceMapping<ControlEvent, InvocationReport>
  #totals: Totals[] = []

  constructor({ stage, ...options }: MappingOptions) {
    this.#stateful = stage.stateful
    this.#mapping = new SourceMapping<ControlEvent, InvocationReport>({
      ...options,
      functionName: stage.id,
      topic: stage.source.name,
      group: stage.group,
      timeoutMs: stage.deployment.timeoutMs,
      onAnswer: (report, [first]) => {
        this.#note(report)
        this.#totals[first!]!.batches++
      },
      metadata: (partition) => totalsToMetadata(this.#totals[partition]!),
    })
  }

  /** Reads where the group is and what is in the journal, publishes what a dead process has not, and starts polling. */
  async start(): Promise<void> {
    const places = await this.#mapping.locate()
    this.#totals = places.map(({ metadata }) => totalsFromMetadata(metadata))
    if (this.#stateful) await this.invoke({ millrace: 'settle' })
    this.#mapping.poll()
  }

  /** Ends polling. Batches in flight are completed, but those that fail now are not tried again. */
  stop(): Promise<void> {
    return this.#mapping.stop()
  }

  /** From now on what there is goes at once, without waiting for the end of a window. */
  hurry(): void {
    this.#mapping.hurry()
  }

  /** Sends an event that carries no records. */
  async invoke(event: ControlEvent): Promise<InvocationReport> {
    const report = await this.#mapping.invoke(event)
    this.#note(report)
    return report
  }

  /** Records in the topic that are not yet processed. */
  lag(): Promise<number> {
    return this.#mapping.lag()
  }

  /** Counts since the group began, over all partitions. */
  totals(): Totals {
    return sumTotals(this.#totals)
  }

  /** Open windows, waiting events and the like, over all partitions. */
  openTimers(): number {
    return this.#totals.reduce((sum, { openTimers }) => sum + openTimers, 0)
  }

  #note({ partitions }: InvocationReport): void {
    for (const report of partitions)
      this.#totals[report.partition] = afterReport(
        this.#totals[report.partition] ?? zeroTotals(),
        report,
        this.#stateful,
      )
  }
}
