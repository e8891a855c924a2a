import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { type StageHandler, stageHandler } from '../../shared/runtime/handler.ts'
import type { InvocationReport, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'

const PARKED = 'millrace-parked'
const context = { getRemainingTimeInMillis: () => 840_000, awsRequestId: 'backtest' }
const PROGRESS_MS = 1_000

/**
 * Stages with their real handlers, over topics that are queues: what a stage has read is gone. What no stage reads is
 * {@link written}.
 */
export class StagesInMemory {
  /** Values of all output topics but the parked one, in the order in which they were put out. */
  readonly written: unknown[] = []
  /** Over all stages. `parked`: records, and events in state whose time had come. */
  readonly counts = { parked: 0, late: 0, keptEventsDropped: 0, partialMatchesDropped: 0 }
  /** By reason: one of its explanations, and how many were parked for it. */
  readonly parkedFor = new Map<string, { readonly detail: string; readonly count: number }>()
  readonly #stages: readonly { readonly stage: Stage; readonly handler: StageHandler; queue: KafkaEventRecord[] }[]
  readonly #offsets = new Map<string, number>()
  #nowMs = Date.now()

  constructor(stages: readonly Stage[], settings: { version: number; document: unknown }) {
    const ports: Ports = {
      journal: memoryJournalStore(),
      topics: { append: async (...given) => void this.#append(...given), close: async () => {} },
      tables: memoryTableSink(),
      rows: { read: async () => JSON.stringify(settings) },
      broker: memoryBroker(),
      clock: { nowMs: () => this.#nowMs },
      log: () => {},
    }
    this.#stages = stages.map((stage) => ({ stage, handler: stageHandler(stage, ports), queue: [] }))
  }

  /** @returns the record's offset */
  append(topic: string, partition: number, key: string | null, value: string): number {
    const record = { key, value, headers: {}, timestampMs: this.#nowMs }
    return this.#append(topic, partition, [record])
  }

  /** Lets every stage take what waits for it. */
  async drain(): Promise<void> {
    // Stages tell those behind them once a second how far they have come: here, with every batch.
    this.#nowMs += PROGRESS_MS
    for (const each of this.#stages) {
      if (each.queue.length === 0) continue
      const records = byPartition(each.queue.splice(0))
      this.#count(await each.handler({ eventSource: 'aws:kafka', records }, context))
    }
  }

  /** Drains, and moves time past everything that is open, stage after stage. */
  async end(): Promise<void> {
    await this.drain()
    for (const { stage, handler } of this.#stages) {
      if (stage.stateful) this.#count(await handler({ millrace: 'close-windows' }, context))
      await this.drain()
    }
  }

  #count({ partitions }: InvocationReport): void {
    for (const { counts } of partitions)
      for (const name of ['late', 'keptEventsDropped', 'partialMatchesDropped'] as const)
        this.counts[name] += counts[name]
  }

  #park({ reason, detail }: ParkedRecord): void {
    this.counts.parked++
    const known = this.parkedFor.get(reason)
    this.parkedFor.set(reason, { detail: known?.detail ?? detail, count: (known?.count ?? 0) + 1 })
  }

  #append(topic: string, partition: number, records: readonly OutgoingRecord[]): number {
    const at = `${topic}/${partition}`
    const first = this.#offsets.get(at) ?? 0
    this.#offsets.set(at, first + records.length)
    const readers = this.#stages.filter(({ stage }) => stage.source.name === topic)
    for (const [i, record] of records.entries()) {
      if (topic === PARKED) this.#park(JSON.parse(String(record.value)) as ParkedRecord)
      else if (readers.length === 0) this.written.push(JSON.parse(String(record.value)))
      const read = eventRecord(topic, partition, first + i, record)
      for (const { queue } of readers) queue.push(read)
    }
    return first
  }
}

function byPartition(records: readonly KafkaEventRecord[]): Record<string, KafkaEventRecord[]> {
  const found: Record<string, KafkaEventRecord[]> = {}
  for (const record of records) {
    const name = `${record.topic}-${record.partition}`
    found[name] ??= []
    found[name].push(record)
  }
  return found
}

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes as string).toString('base64')

function eventRecord(topic: string, partition: number, offset: number, record: OutgoingRecord): KafkaEventRecord {
  const { key, value, headers, timestampMs } = record
  return {
    topic,
    partition,
    offset,
    timestamp: timestampMs,
    timestampType: 'CREATE_TIME',
    ...(key !== null && { key: base64(key) }),
    ...(value !== null && { value: base64(value) }),
    headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...Buffer.from(text)] })),
  }
}
