import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { Processor } from '../../shared/processor/outputs.ts'
import { PARKED_TOPIC, plan } from '../../shared/processor/plan.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { eventRecord } from '../../shared/runtime/event-record.ts'
import type { StageHandler } from '../../shared/runtime/handler.ts'
import type { ControlEvent, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { lambdaHandler } from '../../shared/runtime/lambda/handler.ts'
import { powertoolsLog } from '../../shared/runtime/logging.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'
import { T, unhurried } from '../lambda/harness.ts'

const ALL = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }

/** All functions as they are deployed, with the logs and metrics that Lambda would see, on topics in this process. */
export class Deployed {
  readonly tables = memoryTableSink()
  readonly stages: readonly Stage[]
  /** What functions have thrown. */
  readonly failures: unknown[] = []
  readonly #broker = memoryBroker()
  readonly #handlers = new Map<Stage, StageHandler>()

  private constructor(stages: readonly Stage[], change: (ports: Ports) => Ports) {
    this.stages = stages
    const shared = {
      journal: memoryJournalStore(),
      topics: memoryTopicSink(this.#broker),
      tables: this.tables,
      rows: this.tables,
      broker: this.#broker,
      clock: { nowMs: () => T + 60_000 },
      journalSettings: { ring: 16, buckets: 2 },
    }
    for (const stage of stages)
      this.#handlers.set(stage, lambdaHandler(stage, change({ ...shared, log: powertoolsLog(stage.id) })))
  }

  static async of(
    processors: readonly Processor[],
    change: (ports: Ports) => Ports = (ports) => ports,
  ): Promise<Deployed> {
    const { stages, topics } = plan(processors)
    const deployed = new Deployed(stages, change)
    for (const { name, partitions } of topics) await deployed.#broker.ensureTopic({ name, partitions })
    return deployed
  }

  produce(
    topic: string,
    key: string | null,
    value: string | Uint8Array | null,
    headers: readonly (readonly [string, Uint8Array])[] = [],
  ): void {
    const bytes = (content: string | Uint8Array | null) => (content === null ? null : Buffer.from(content as string))
    const record = { key: bytes(key), value: bytes(value), headers, timestampMs: T + 120_000 }
    this.#broker.append(topic, 0, [{ ...record, timestampType: 'CREATE_TIME' }])
  }

  /** Each function reads its topic to the end, upstream first; what fails is not tried again. */
  async settle(): Promise<void> {
    for (const stage of [...this.stages, ...this.stages]) {
      const { name, partitions } = stage.source
      const committed = await this.#broker.committed(stage.group, name)
      for (let partition = 0; partition < partitions; partition++) {
        const records = await this.#broker.fetch(name, partition, committed[partition]?.offset ?? 0, ALL)
        if (records.length === 0) continue
        await this.#invoke(stage, { eventSource: 'aws:kafka', records: { x: records.map(eventRecord) } })
        await this.#broker.commit(stage.group, name, [{ partition, offset: records.at(-1)!.offset + 1, metadata: '' }])
      }
    }
  }

  async control(millrace: 'tick' | 'close-windows'): Promise<void> {
    for (const stage of this.stages) await this.#invoke(stage, { millrace })
    await this.settle()
  }

  /** All that stands in a topic, as one text. */
  async contents(topic: string): Promise<string> {
    return (await this.#values(topic)).join('\n')
  }

  async parked(): Promise<ParkedRecord[]> {
    return (await this.#values(PARKED_TOPIC)).map((value) => JSON.parse(value) as ParkedRecord)
  }

  async #values(topic: string): Promise<string[]> {
    const { partitions } = (await this.#broker.describe(topic))!
    const all = Array.from({ length: partitions }, (_, partition) => this.#broker.fetch(topic, partition, 0, ALL))
    return (await Promise.all(all)).flat().map(({ value }) => Buffer.from(value ?? []).toString())
  }

  async #invoke(stage: Stage, event: KafkaEvent | ControlEvent): Promise<void> {
    try {
      await this.#handlers.get(stage)!(event, unhurried)
    } catch (error) {
      this.failures.push(error)
    }
  }
}
