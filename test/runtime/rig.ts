import { memoryBroker } from '../../shared/broker/memory.ts'
import type { JournalSettings } from '../../shared/journal/journal.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import type { Processor } from '../../shared/processor/outputs.ts'
import { plan } from '../../shared/processor/plan.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import { eventRecord } from '../../shared/runtime/event-record.ts'
import { type StageHandler, stageHandler } from '../../shared/runtime/handler.ts'
import type { ControlEvent, InvocationReport, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'

const ALL = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }
const UNHURRIED = { getRemainingTimeInMillis: () => 60_000, awsRequestId: 'test' }

type Timed = { readonly at: number; readonly [field: string]: unknown }
type Invoke = (event: KafkaEvent | ControlEvent, context?: typeof UNHURRIED) => Promise<InvocationReport>

/** Processors over ports in memory, with a clock that is moved by hand, for tests that choose each event themselves. */
export class Rig {
  readonly plan: Plan
  nowMs: number
  readonly broker = memoryBroker()
  readonly tables = memoryTableSink()
  readonly store = memoryJournalStore()
  readonly logged: string[] = []
  readonly #settings: Partial<JournalSettings>

  private constructor(processors: readonly Processor[], nowMs: number, settings: Partial<JournalSettings>) {
    this.plan = plan(processors)
    this.nowMs = nowMs
    this.#settings = settings
  }

  static async of(
    processors: readonly Processor[],
    { nowMs = 0, settings = {} }: { nowMs?: number; settings?: Partial<JournalSettings> } = {},
  ): Promise<Rig> {
    const rig = new Rig(processors, nowMs, settings)
    for (const topic of rig.plan.topics) await rig.broker.ensureTopic(topic)
    return rig
  }

  stage(id: string): Stage {
    return this.plan.stages.find((stage) => stage.id === id)!
  }

  /** A new environment of the stage; `change` puts something between it and its ports. */
  environment(id: string, change: (ports: Ports) => Partial<Ports> = () => ({})): Invoke {
    const ports: Ports = {
      journal: this.store,
      topics: memoryTopicSink(this.broker),
      tables: this.tables,
      broker: this.broker,
      clock: { nowMs: () => this.nowMs },
      log: (_, { what }) => void this.logged.push(String(what)),
      journalSettings: this.#settings,
    }
    const handler: StageHandler = stageHandler(this.stage(id), { ...ports, ...change(ports) })
    return (event, context = UNHURRIED) => handler(event, context)
  }

  /** Appends values to a topic of others, under this key; each has its own time as timestamp. */
  append(topic: string, partition: number, key: string, ...values: readonly Timed[]): void {
    const record = (value: Timed) => ({
      key: Buffer.from(key),
      value: Buffer.from(JSON.stringify(value)),
      headers: [],
      timestampMs: value.at,
      timestampType: 'CREATE_TIME' as const,
    })
    this.broker.append(topic, partition, values.map(record))
  }

  /** The records of the stage's source from offset `from` to before `to`, as the mapping would hand them over. */
  async batch(id: string, partition: number, from = 0, to = Number.POSITIVE_INFINITY): Promise<KafkaEvent> {
    const topic = this.stage(id).source.name
    const records = await this.broker.fetch(topic, partition, from, ALL)
    const taken = records.filter(({ offset }) => offset < to).map(eventRecord)
    return { eventSource: 'aws:kafka', records: { [`${topic}-${partition}`]: taken } }
  }

  /** What stands in a topic, by partition and offset: parsed values. */
  async read<T>(topic: string): Promise<T[]> {
    const { partitions } = (await this.broker.describe(topic))!
    const all = Array.from({ length: partitions }, (_, partition) => this.broker.fetch(topic, partition, 0, ALL))
    return (await Promise.all(all)).flat().map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as T)
  }

  /** Commits the group's offset, as the mapping does after a successful batch. */
  async commit(id: string, partition: number, offset: number): Promise<void> {
    const { group, source } = this.stage(id)
    await this.broker.commit(group, source.name, [{ partition, offset, metadata: '' }])
  }
}

/** The same store, with something done before puts of keys that contain `part`. */
export function beforePuts(store: JournalStore, part: string, work: () => Promise<unknown>): JournalStore {
  return {
    ...store,
    put: async (item, condition) => {
      if (item.key.includes(part)) await work()
      return store.put(item, condition)
    },
  }
}
