/**
 * A Lambda event source mapping (ESM) for Kafka, on a laptop.
 *
 * Rules copied from AWS, on-demand pollers:
 * 1. One mapping reads one topic for one consumer group, from the group's commit, else from the starting position.
 *    https://docs.aws.amazon.com/lambda/latest/dg/kafka-starting-positions.html
 * 2. A batch is handed over when its window ends, when it has `batchRecordsMax` records, or before its JSON would pass
 *    6 MB, whichever comes first. The window starts anew when the invocation before it ends.
 *    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
 * 3. Records of a partition come in order, and a partition is never in two batches in flight. One invocation of an
 *    environment at a time.
 * 4. The event has the documented shape: records by `topic-partition`, base64, headers as lists of bytes.
 *    https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 * 5. Whatever the function returns is success; then, and only then, the group's offsets are committed.
 * 6. An error fails the whole batch, which is given again with the same records until it succeeds, for ever; its
 *    partitions wait, those of other batches go on.
 *    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 * 7. The function's time-out counts down in its context. (A function that overruns it is not killed here.)
 *
 * Unverified of the real service, hence settings: whether batches mix partitions (`mixing`), null or absent keys and
 * values (`nulls`), the sign of header bytes (`headerBytes`), the pauses between attempts (`retryFirstMs`, `retryMaxMs`).
 * Not here: provisioned pollers and what needs them, filters, rebalances.
 *
 * One thing is ours: the counts of a stateless stage ride in the committed offset's metadata, so that they move with it.
 * A stage with state has them in its journal, from where its function reports them.
 */
import type { Broker } from '../../shared/broker/broker.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { ControlEvent, InvocationReport } from '../../shared/runtime/kafka-event.ts'
import type { Clock } from './clock.ts'
import { Cursor } from './cursor.ts'
import { Environment, type StageHandler } from './environment.ts'
import type { EventSource } from './event-builder.ts'
import { Poller } from './poller.ts'
import { Progress } from './progress.ts'
import type { MappingSettings } from './settings.ts'
import type { Totals } from './totals.ts'

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
  /** Told of each failed attempt: of the function, or to reach the broker. */
  readonly onError?: (error: unknown, attempt: number) => void
}

/** What the pollers of a mapping share. */
export interface Switches {
  stopping: boolean
  /** Windows end at once. */
  hurried: boolean
  /** The partition that is looked at first the next time. */
  turn: number
}

export class Mapping {
  readonly #options: MappingOptions
  readonly #environments: readonly Environment[]
  readonly #switches: Switches = { stopping: false, hurried: false, turn: 0 }
  #progress: Progress
  #pollers: Promise<unknown> = Promise.resolve()

  constructor(options: MappingOptions) {
    const { stage, clock, settings } = options
    this.#options = options
    this.#progress = new Progress(options, [])
    this.#environments = Array.from(
      { length: settings.concurrency },
      (_, n) => new Environment(`${stage.id}-${n}`, options.newHandler(), clock, stage.deployment.timeoutMs),
    )
  }

  /** Reads where the group is and what is in the journal, publishes what a dead process has not, and starts polling. */
  async start(): Promise<void> {
    this.#progress = new Progress(this.#options, await locate(this.#options))
    if (this.#options.stage.stateful) await this.invoke({ millrace: 'settle' })
    const pollers = this.#environments.map((environment) =>
      new Poller(this.#options, this.#progress, environment, this.#switches).run(),
    )
    this.#pollers = Promise.all(pollers)
  }

  /** Ends polling. Batches in flight are completed, but those that fail now are not tried again. */
  async stop(): Promise<void> {
    this.#switches.stopping = true
    await this.#pollers
  }

  /** From now on what there is goes at once, without waiting for the end of a window. */
  hurry(): void {
    this.#switches.hurried = true
  }

  /** Sends an event that carries no records. */
  async invoke(event: ControlEvent): Promise<InvocationReport> {
    const report = await this.#environments[0]!.invoke(event)
    this.#progress.note(report)
    return report
  }

  /** Records in the topic that are not yet processed. */
  async lag(): Promise<number> {
    const ends = await this.#options.broker.endOffsets(this.#options.stage.source.name)
    return this.#progress.cursors.reduce((sum, cursor) => sum + cursor.lag(ends[cursor.partition] ?? 0), 0)
  }

  /** Counts since the group began, over all partitions. */
  totals(): Totals {
    return this.#progress.totals()
  }

  /** Open windows, waiting events and the like, over all partitions. */
  openTimers(): number {
    return this.#progress.openTimers()
  }
}

/** Rule 1. */
async function locate({ broker, stage, settings }: MappingOptions): Promise<Cursor[]> {
  const topic = stage.source.name
  const [starts, ends, committed] = await Promise.all([
    broker.startOffsets(topic),
    broker.endOffsets(topic),
    broker.committed(stage.group, topic),
  ])
  const fresh = settings.startingPosition === 'LATEST' ? ends : starts
  return starts.map((start, partition) => {
    const found = committed[partition]
    const offset = found ? Math.max(found.offset, start) : fresh[partition]!
    return new Cursor(partition, offset, found?.metadata ?? '')
  })
}
