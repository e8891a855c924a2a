import { type MemoryBroker, memoryBroker } from '../../shared/broker/memory.ts'
import { MillraceError } from '../../shared/errors.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { EventCounts } from './event-counts.ts'
import { HandClock, settle } from './hand-clock.ts'
import type { KafkaEmulatorOptions } from './kafka-emulator-options.ts'
import { isAnswered } from './real-time.ts'
import type { FailureMessage } from './rules/failure-message.ts'
import { recordOf, type SentRecord } from './sent-record.ts'
import { awsDefaults } from './settings.ts'
import { SourceMapping } from './source-mapping.ts'

const GROUP = 'emulator'
const PATIENCE_MS = 5_000
const PATIENCE_AT_END_MS = 100
const NO_ANSWER = 'The function has not answered for 5 s. advance(timeoutMs) lets it run into its time-out.'

/** A topic in this process, a function behind an event source mapping of it, and a clock that only you move. */
export class KafkaEmulator<Event = KafkaEvent> {
  /** Events that the function was given, in order; each a copy, whatever the function did to it. */
  readonly events: KafkaEvent[] = []
  /** What failed attempts threw, and what stands for those that failed otherwise. */
  readonly errors: unknown[] = []
  /** What the on-failure destination was sent. */
  readonly failures: FailureMessage[] = []
  readonly #options: KafkaEmulatorOptions<Event>
  readonly #clock: HandClock
  readonly #broker: MemoryBroker = memoryBroker()
  #mapping: SourceMapping
  #sent = 0

  constructor(options: KafkaEmulatorOptions<Event>) {
    this.#options = options
    this.#clock = new HandClock(options.nowMs)
    this.#mapping = this.#newMapping()
  }

  /** Makes the topic, and starts the mapping. */
  async start(): Promise<void> {
    const { topic, partitions = 1 } = this.#options
    await this.#broker.ensureTopic({ name: topic, partitions })
    await this.#poll()
  }

  /** Epoch ms. */
  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Appends a record: to its partition, else to that of its key, as Kafka's clients do, else to each in turn. */
  send(record: SentRecord): void {
    const { topic, partitions = 1 } = this.#options
    const made = recordOf(record, { partitions, turn: this.#sent++, nowMs: this.nowMs() })
    this.#broker.append(topic, made.partition, [made])
  }

  /** Lets time pass. The function's own waiting for real things takes none of it. */
  async advance(ms: number): Promise<void> {
    await this.#clock.advance(ms)
  }

  /**
   * Lets time pass until every record is done with: succeeded, filtered or given up.
   *
   * @throws MillraceError `USAGE` when that takes more than `withinMs` of the emulator's time (5 minutes unless given), or
   *   when the function does not answer for 5 s of real time
   */
  async drain({ withinMs = 300_000 } = {}): Promise<void> {
    const endMs = this.nowMs() + withinMs
    await settle()
    while ((await this.#mapping.lag()) > 0) {
      if (this.#mapping.running > 0) {
        if (!(await isAnswered(this.#mapping, PATIENCE_MS))) throw this.#stuck(NO_ANSWER)
      } else if (!(await this.#clock.step(endMs)))
        throw this.#stuck(`After ${withinMs} ms there are still records that are not done with.`)
    }
  }

  /** Offset that the group has committed, by partition; undefined where it has none. */
  async committed(): Promise<(number | undefined)[]> {
    return (await this.#broker.committed(GROUP, this.#options.topic)).map((found) => found?.offset)
  }

  /** Records that are not done with. */
  lag(): Promise<number> {
    return this.#mapping.lag()
  }

  counts(): EventCounts {
    return this.#mapping.counts()
  }

  /** Partitions, all unless told, change their poller: what is in flight or not committed comes again. */
  rebalance(partitions?: readonly number[]): void {
    this.#mapping.rebalance(partitions)
  }

  /** As after a deployment: another mapping goes on from what is committed, with the same function. Counts begin anew. */
  async restart(): Promise<void> {
    await this.stop()
    this.#mapping = this.#newMapping()
    await this.#poll()
  }

  /** Ends polling, once what is in flight has ended; a function that does not answer runs into its time-out. */
  async stop(): Promise<void> {
    const stopped = this.#mapping.stop().then(() => true)
    // What sleeps is woken, so that it sees that it is to end.
    while (!(await Promise.race([stopped, settle()]))) {
      if (this.#mapping.running > 0 && (await isAnswered(this.#mapping, PATIENCE_AT_END_MS))) continue
      if (!(await this.#clock.step())) return
    }
  }

  #newMapping(): SourceMapping {
    const { topic, handler, settings, timeoutMs = 3_000, onFailure, faults, eventSource } = this.#options
    return new SourceMapping({
      functionName: 'function',
      topic,
      group: GROUP,
      broker: this.#broker,
      clock: this.#clock,
      newHandler: () => async (event, context) => {
        this.events.push(structuredClone(event))
        return handler(event as Event, context)
      },
      timeoutMs,
      eventSource: eventSource ?? { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
      settings: { ...awsDefaults, ...settings },
      onError: (error) => this.errors.push(error),
      ...(faults && { faults }),
      ...(onFailure && {
        onFailure: { kind: onFailure, deliver: async (messages) => void this.failures.push(...messages) },
      }),
    })
  }

  async #poll(): Promise<void> {
    await this.#mapping.locate()
    this.#mapping.poll()
  }

  #stuck(problem: string): MillraceError {
    const last = this.errors.at(-1)
    const fix = last === undefined ? 'No attempt has failed.' : `The last attempt failed: ${String(last)}`
    return new MillraceError('USAGE', { problem, fix }, { cause: last })
  }
}

/** Starts a {@link KafkaEmulator}. @throws MillraceError `OPTION_INVALID` for settings that AWS does not allow */
export async function kafkaEmulator<Event = KafkaEvent>(
  options: KafkaEmulatorOptions<Event>,
): Promise<KafkaEmulator<Event>> {
  const emulator = new KafkaEmulator(options)
  await emulator.start()
  return emulator
}
