import type { BrokerRecord } from '../broker/broker.ts'
import { memoryBroker } from '../broker/memory.ts'
import { zeroCounts } from '../engine/counts.ts'
import { type Key, keyText } from '../engine/key.ts'
import { MillraceError } from '../errors.ts'
import { memoryJournalStore } from '../journal/memory.ts'
import type { Processor } from '../processor/outputs.ts'
import { PARKED_TOPIC, plan } from '../processor/plan.ts'
import type { Plan, Stage } from '../processor/plan-types.ts'
import { physicalTable, type Table } from '../processor/table.ts'
import type { Topic } from '../processor/topic.ts'
import { eventRecord } from '../runtime/event-record.ts'
import { stageHandler } from '../runtime/handler.ts'
import type { ControlEvent, Counts, InvocationReport, KafkaEvent, RedrivenRecord } from '../runtime/kafka-event.ts'
import { cellOf, type ParkedRecord, recordOf } from '../runtime/parking.ts'
import type { Ports } from '../runtime/ports.ts'
import { memoryTopicSink } from '../sinks/memory.ts'
import { memoryTableSink } from '../sinks/memory-table.ts'
import { partitionFor } from '../sinks/partitioner.ts'
import type { DurationMs } from '../time.ts'
import { firstAppearances } from './first-appearances.ts'
import { asRead, keyOf, type PipeOptions, parse, type Row, timeOf, type Written, written } from './records.ts'

const context = { getRemainingTimeInMillis: () => 60_000, awsRequestId: 'test' }
// Small, so that tests go round the ring and rewrite buckets as long-lived processors do.
const journalSettings = { ring: 16, buckets: 2 }

/**
 * Runs processors in memory, with their real handlers: records go in by hand, time is moved by hand, outputs come back in
 * order. Every record is an invocation of its own that starts from the journal, so what is not JSON in a state, or lives
 * outside it, shows at once.
 */
export class TestDriver {
  readonly plan: Plan
  /** The wall clock, epoch ms; moved by {@link advanceClock}. */
  nowMs: number
  readonly #broker = memoryBroker()
  readonly #tables = memoryTableSink()
  readonly #ports: Ports
  readonly #counts = new Map<string, Counts>()
  #ready: Promise<void> | undefined

  constructor(processors: Processor | readonly Processor[], { startMs = 0 }: { startMs?: number } = {}) {
    this.plan = plan(Array.isArray(processors) ? processors : [processors as Processor])
    this.nowMs = startMs
    this.#ports = {
      journal: memoryJournalStore(),
      topics: firstAppearances(memoryTopicSink(this.#broker)),
      tables: this.#tables,
      rows: this.#tables,
      broker: this.#broker,
      clock: { nowMs: () => this.nowMs },
      log: () => {},
      journalSettings,
    }
  }

  /** Pipes one value in; resolves when all processors have taken it and what came of it. */
  async pipe<In, T, K extends Key>(topic: Topic<In, T, K>, value: In, options: PipeOptions = {}): Promise<void> {
    const read = asRead(topic, value)
    const { key = keyOf(topic, read), timestamp = timeOf(topic, read, this.nowMs), ...rest } = options
    await this.pipeBytes(topic, key === null ? null : keyText(key), JSON.stringify(value), { ...rest, timestamp })
  }

  /** Pipes one record in as bytes or text: what is not JSON, a delete (null), a wrong key. */
  async pipeBytes(
    topic: Topic,
    key: string | null,
    value: string | Uint8Array | null,
    options: Omit<PipeOptions, 'key'> = {},
  ): Promise<void> {
    await this.#start()
    const partition = options.partition ?? (key === null ? 0 : partitionFor(key, topic.partitions))
    this.#broker.append(topic.name, partition, [
      {
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: Object.entries(options.headers ?? {}).map(([name, text]) => [name, Buffer.from(text)]),
        timestampMs: options.timestamp ?? this.nowMs,
        timestampType: 'CREATE_TIME',
      },
    ])
    await this.#settle()
  }

  /** Moves the wall clock; then every stage gets its tick, as it does every minute in AWS. */
  async advanceClock(by: DurationMs): Promise<void> {
    await this.#start()
    await this.#control('tick')
    this.nowMs += by
    await this.#control('tick')
  }

  /** Moves stream time past everything that is open, stage after stage. */
  async closeWindows(): Promise<void> {
    await this.#start()
    await this.#control('close-windows')
  }

  /** Applies what is parked after all, pieces of state whose timers failed too, as an operator does after a fix; what is applied already is known. */
  async redrive(): Promise<RedrivenRecord[]> {
    const parked = await this.parked()
    const redriven: RedrivenRecord[] = []
    for (const stage of this.plan.stages) {
      const own = parked.filter(({ id }) => id.startsWith(`${stage.id}/`))
      const records = own.flatMap((each) => recordOf(each) ?? [])
      const cells = own.flatMap((each) => cellOf(each) ?? [])
      if (own.length > 0) redriven.push(...(await this.#invoke(stage, { millrace: 'redrive', records, cells })))
    }
    await this.#settle()
    return redriven
  }

  /** What stands in an output topic, partition by partition, in offset order. */
  async output<T>(topic: Topic<unknown, T>): Promise<Written<T>[]> {
    return (await this.#read(topic.name)).map(written) as Written<T>[]
  }

  /** The rows of an output table, by key and window. */
  rows<T>(table: Table<T>, generation = 1): Row<T>[] {
    return this.#tables
      .rows(physicalTable(table.name, generation))
      .map(({ key, sort, value, timeMs }) => ({ key, sort, value: parse(value) as T | null, timestamp: timeMs }))
      .sort((a, b) => (a.key === b.key ? (a.sort < b.sort ? -1 : 1) : a.key < b.key ? -1 : 1))
  }

  /** What was parked, with its reasons. */
  async parked(): Promise<ParkedRecord[]> {
    return (await this.#read(PARKED_TOPIC)).map((record) => parse(record.value) as ParkedRecord)
  }

  /** How many records of its source the processor's stage has read, and what became of them. */
  counts(processor: Processor, stage: Stage['name'] = 'main'): Counts {
    const { name, options } = processor.draft
    return this.#counts.get(`${name}.${options.generation}.${stage}`) ?? zeroCounts()
  }

  async #start(): Promise<void> {
    this.#ready ??= (async () => {
      for (const { name, partitions } of this.plan.topics) await this.#broker.ensureTopic({ name, partitions })
    })()
    await this.#ready
  }

  /** Lets every stage read to its end, until nothing new comes out. */
  async #settle(): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false
      for (const stage of this.plan.stages) if (await this.#drain(stage)) moved = true
    }
  }

  async #drain(stage: Stage): Promise<boolean> {
    const topic = stage.source.name
    const committed = await this.#broker.committed(stage.group, topic)
    let moved = false
    for (let partition = 0; partition < stage.source.partitions; partition++) {
      const from = committed[partition]?.offset ?? 0
      for (const record of await this.#broker.fetch(topic, partition, from, {
        maxRecords: 1_000_000,
        maxBytes: 1_000_000_000,
      })) {
        await this.#invoke(stage, {
          eventSource: 'aws:kafka',
          records: { [`${topic}-${partition}`]: [eventRecord(record)] },
        })
        await this.#broker.commit(stage.group, topic, [{ partition, offset: record.offset + 1, metadata: '' }])
        moved = true
      }
    }
    return moved
  }

  async #control(millrace: 'tick' | 'close-windows'): Promise<void> {
    for (const stage of this.plan.stages) {
      await this.#settle()
      if (stage.stateful) await this.#invoke(stage, { millrace })
    }
    await this.#settle()
  }

  async #invoke(stage: Stage, event: KafkaEvent | ControlEvent): Promise<readonly RedrivenRecord[]> {
    const report: InvocationReport = await stageHandler(stage, this.#ports)(event, context)
    const name = `${stage.processor}.${stage.generation}.${stage.name}`
    const sum = this.#counts.get(name) ?? zeroCounts()
    for (const { counts } of report.partitions)
      for (const each of Object.keys(sum) as (keyof Counts)[]) sum[each] += counts[each]
    this.#counts.set(name, sum)
    return report.redriven ?? []
  }

  async #read(topic: string): Promise<BrokerRecord[]> {
    const description = await this.#broker.describe(topic)
    if (description === undefined)
      throw new MillraceError('USAGE', {
        problem: `No processor here reads or writes the topic ${topic}.`,
        fix: 'Give the driver the processor that does.',
      })
    const all = { maxRecords: 10_000_000, maxBytes: 10_000_000_000 }
    const partitions = Array.from({ length: description.partitions }, (_, partition) =>
      this.#broker.fetch(topic, partition, 0, all),
    )
    return (await Promise.all(partitions)).flat()
  }
}

/** A driver for one processor, or for several that feed each other. `startMs`: where its clock starts. */
export const testDriver = (
  processors: Processor | readonly Processor[],
  options: { startMs?: number } = {},
): TestDriver => new TestDriver(processors, options)
