import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrokerRecord } from '../../shared/broker/broker.ts'
import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { Processor } from '../../shared/processor/outputs.ts'
import { PARKED_TOPIC, plan } from '../../shared/processor/plan.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { InvocationContext } from '../../shared/runtime/deadline.ts'
import type { StageHandler } from '../../shared/runtime/handler.ts'
import type { ControlEvent, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { lambdaHandler } from '../../shared/runtime/lambda/handler.ts'
import type { StageMetrics } from '../../shared/runtime/metrics.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import type { LogLevel, Ports } from '../../shared/runtime/ports.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'

/** 2025-11-24T16:00:00Z, the start of a five-minute window: the time of the sample events. */
export const T = 1_764_000_000_000

export interface Written {
  readonly key: string | null
  readonly value: unknown
  readonly partition: number
  readonly identity: string
  readonly timestampMs: number
}

/** A deployed function of one stage, with everything around it in this process. */
export class LambdaUnderTest {
  readonly stage: Stage
  readonly ports: Ports
  readonly broker = memoryBroker()
  readonly journal = memoryJournalStore()
  readonly tables = memoryTableSink()
  readonly logged: (Readonly<Record<string, unknown>> & { level: LogLevel })[] = []
  nowMs = T + 60_000
  handler: StageHandler
  readonly #metrics: StageMetrics | undefined

  private constructor(stage: Stage, ports: Partial<Ports>, metrics: StageMetrics | undefined) {
    this.stage = stage
    this.ports = {
      journal: this.journal,
      topics: memoryTopicSink(this.broker),
      tables: this.tables,
      rows: this.tables,
      broker: this.broker,
      clock: { nowMs: () => this.nowMs },
      log: (level, event) => this.logged.push({ level, ...event }),
      journalSettings: { ring: 16, buckets: 2 },
      ...ports,
    }
    this.#metrics = metrics
    this.handler = lambdaHandler(stage, this.ports, metrics)
  }

  /** `metrics` undefined: the real ones, which write to stdout. */
  static async of(
    processors: readonly Processor[],
    stageId: string,
    { ports = {}, metrics }: { ports?: Partial<Ports>; metrics?: StageMetrics | undefined } = { metrics: silent },
  ): Promise<LambdaUnderTest> {
    const { stages, topics } = plan(processors)
    const lambda = new LambdaUnderTest(stages.find(({ id }) => id === stageId)!, ports, metrics)
    for (const { name, partitions } of topics) await lambda.broker.ensureTopic({ name, partitions })
    return lambda
  }

  /** What is in memory is gone, as in a new execution environment. */
  restart(): void {
    this.handler = lambdaHandler(this.stage, this.ports, this.#metrics)
  }

  invoke(event: unknown, context: InvocationContext = unhurried): ReturnType<StageHandler> {
    return this.handler(event as KafkaEvent | ControlEvent, context)
  }

  async topic(name: string): Promise<Written[]> {
    const { partitions } = (await this.broker.describe(name))!
    const all = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }
    const read = Array.from({ length: partitions }, (_, partition) => this.broker.fetch(name, partition, 0, all))
    return (await Promise.all(read)).flat().map(written)
  }

  /** Lets a partition of the source end at `end`: ticks look at the topic itself. */
  endAt(partition: number, end: number): void {
    const record = { key: null, value: null, headers: [], timestampMs: T, timestampType: 'CREATE_TIME' as const }
    this.broker.append(this.stage.source.name, partition, Array(end).fill(record))
  }

  /** The topic as our own consumers see it: without the repeats. */
  async results(name: string): Promise<Written[]> {
    return [...new Map((await this.topic(name)).map((each) => [each.identity, each])).values()]
  }

  async parked(): Promise<ParkedRecord[]> {
    return (await this.results(PARKED_TOPIC)).map(({ value }) => value as ParkedRecord)
  }
}

/** A context with plenty of time. */
export const unhurried: InvocationContext = { getRemainingTimeInMillis: () => 120_000, awsRequestId: 'request-1' }

/** Metrics that nobody sees. */
export const silent: StageMetrics = { addReport() {}, addEvent() {}, publish() {} }

/** An event as it stands in `test/events`. */
export function sample(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../events/${name}.json`), 'utf8'))
}

function written({ key, value, partition, headers, timestampMs }: BrokerRecord): Written {
  const identity = headers.find(([name]) => name === 'mr')?.[1]
  return {
    key: key === null ? null : Buffer.from(key).toString('utf8'),
    value: value === null ? null : JSON.parse(Buffer.from(value).toString('utf8')),
    partition,
    identity: identity === undefined ? '' : Buffer.from(identity).toString('latin1'),
    timestampMs,
  }
}
